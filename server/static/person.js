// Who is at this page: a random id in this browser, by which the skill knows their settings again. Nothing else is kept.

const NAME = "cramp-coach.person";

let isForgotten = false;

// Where storage is refused, it is somebody new each time.
function stored(act) {
  try {
    return act(localStorage);
  } catch {
    return null;
  }
}

export const person = stored((storage) => storage.getItem(NAME)) ?? crypto.randomUUID();

// Only who talks is remembered.
export function remember() {
  if (!isForgotten) stored((storage) => storage.setItem(NAME, person));
}

// The next visit is somebody new.
export function forget() {
  isForgotten = true;
  stored((storage) => storage.removeItem(NAME));
}
