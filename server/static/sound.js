// Whether and how replies are spoken on this page, and what interrupts them.

import { asMenu, byId } from "./dom.js";
import { locale } from "./locale.js";
import { kept, keep } from "./settings.js";
import * as speaker from "./speaker.js";
import { browserVoices, onBrowserVoices, say, serverVoice, wait } from "./voice.js";

const SILENCE_MS = 8_000; // as long as the device waits (Amazon, "Manage the skill session", reprompt)
const SERVER = "server";

const toggle = byId("sound");
const choice = byId("voice");

let server = null; // the name of the server's voice
let talking = null; // { stop, rest, clock }: what is being said, and how the speaker looks when it is over
let patience; // runs while we wait for somebody who spoke to speak again
let last = () => {}; // says the last reply once more

export const isPossible = () => choice.options.length > 0;
export const isOn = () => kept.sound && isPossible();

// Stops what is being said, and its clock; true when something was.
export function hush() {
  clearTimeout(patience);
  if (!talking) return false;
  const { stop, rest, clock } = talking;
  talking = null;
  clock.stop();
  stop.abort();
  byId("hush").hidden = true;
  speaker.show(rest);
  return true;
}

// Says a reply, or shows for how long it would be said: `counts` is how many ms the screen counts along, 0 for none.
// `onSilence` is called when nobody answers it; leave it out for those who type, for they take their time.
export function reply(out, { rest, clock, counts, onSilence }) {
  hush();
  last = () => aloud(out, rest, clock, onSilence);
  if (isOn() && out.ssml) last();
  else if (rest === "alarm") speaker.show(rest);
  else if (counts) silently(counts, rest, clock);
  else speaker.speak(out.speech ?? "", rest);
}

// Forgets the last reply.
export function forget() {
  hush();
  last = () => {};
}

export function turn(on) {
  keep({ sound: on });
  showSettings();
}

// Gives a stretch its time without a word. An interruption ends it as it ends speech.
async function silently(ms, rest, clock) {
  const stop = new AbortController();
  talking = { stop, rest, clock };
  speaker.show("waiting");
  try {
    await wait(ms, stop.signal);
  } catch {
    return; // interrupted
  }
  talking = null;
  speaker.show(rest);
}

async function aloud(out, rest, clock, onSilence) {
  hush();
  const stop = new AbortController();
  const mine = { stop, rest, clock };
  talking = mine;
  byId("hush").hidden = false;
  byId("sound-note").textContent = "";
  const onPart = (part) => speaker.show(rest === "alarm" ? rest : { words: "speaking", silence: "waiting" }[part] ?? part);
  onPart("words");
  try {
    await say(out.ssml, { voice: chosenVoice(), locale: locale(), signal: stop.signal, onPart, clock });
    if (kept.again && onSilence && out.reprompt) patience = setTimeout(onSilence, SILENCE_MS);
  } catch (problem) {
    clock.goOn();
    if (!stop.signal.aborted) byId("sound-note").textContent = `It can’t be heard: ${problem.message} The words are above.`;
  }
  if (talking !== mine) return;
  talking = null;
  byId("hush").hidden = true;
  speaker.show(rest);
}

// null for the server's
function chosenVoice() {
  return browserVoices(locale().slice(0, 2)).find((voice) => voice.voiceURI === choice.value) ?? null;
}

export function listVoices() {
  const own = browserVoices(locale().slice(0, 2)).map((voice) => new Option(`${voice.name} (this browser)`, voice.voiceURI));
  choice.replaceChildren(...(server ? [new Option(`Built in (${server})`, SERVER)] : []), ...own);
  const wanted = [...choice.options].find((option) => option.value === kept.voice);
  if (wanted) wanted.selected = true;
  showSettings();
}

function showSettings() {
  toggle.hidden = !isPossible();
  toggle.setAttribute("aria-checked", String(isOn()));
  byId("sound-is").textContent = isOn() ? "on" : "off";
  byId("open-silently").hidden = !isPossible();
  byId("voice-choice").hidden = !isPossible();
  byId("no-voice").hidden = isPossible();
  byId("again").checked = kept.again;
  byId("check").checked = kept.check;
}

toggle.addEventListener("click", () => {
  const clock = talking?.clock;
  turn(!isOn());
  if (isOn()) return last();
  hush();
  clock?.resume(); // who only wants no sound is held on
});
choice.addEventListener("change", () => {
  keep({ voice: choice.value });
  if (isOn()) last();
});
for (const name of ["again", "check"]) {
  byId(name).addEventListener("change", (event) => keep({ [name]: event.target.checked }));
}
for (const sign of ["keydown", "pointerdown"]) {
  document.addEventListener(sign, () => clearTimeout(patience), { capture: true });
}
asMenu(byId("settings"));
// Before anybody else: while something is said, Escape means that and nothing more.
document.addEventListener(
  "keydown",
  (event) => {
    if (event.key !== "Escape" || !hush()) return;
    event.stopPropagation();
    event.preventDefault();
  },
  { capture: true },
);

onBrowserVoices(listVoices);
listVoices();
serverVoice().then((name) => {
  server = name;
  listVoices();
});
