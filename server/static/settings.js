// What was chosen about the device and its sound, for as long as this tab is open. Nothing about anybody is in it.

const NAME = "cramp-coach.sound";
const DEFAULTS = { sound: false, voice: null, locale: null, again: true, check: false };

export const kept = { ...DEFAULTS, ...read() };

export function keep(changes) {
  Object.assign(kept, changes);
  try {
    sessionStorage.setItem(NAME, JSON.stringify(kept));
  } catch {
    // Where storage is refused, the choice lasts until the page is left.
  }
}

function read() {
  try {
    return JSON.parse(sessionStorage.getItem(NAME)) ?? {};
  } catch {
    return {};
  }
}
