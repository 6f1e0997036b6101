// Whether and how replies are spoken on this page, and what interrupts them.

import { byId } from "./dom.js";
import { kept, keep } from "./settings.js";
import * as speaker from "./speaker.js";
import { browserVoices, onBrowserVoices, say, serverVoice } from "./voice.js";

const SILENCE_MS = 8_000; // as long as the device waits (Amazon, "Manage the skill session", reprompt)
const SERVER = "server";

const locale = document.documentElement.dataset.locale;
const toggle = byId("sound");
const choice = byId("voice");

let server = null; // the name of the server's voice
let talking = null; // { stop, rest }: what is being said, and how the speaker looks when it is over
let patience; // runs while we wait for somebody who spoke to speak again
let last = () => {}; // says the last reply once more

export const isPossible = () => choice.options.length > 0;
export const isOn = () => kept.sound && isPossible();

// Stops what is being said; true when something was.
export function hush() {
  clearTimeout(patience);
  if (!talking) return false;
  const { stop, rest } = talking;
  talking = null;
  stop.abort();
  byId("hush").hidden = true;
  speaker.show(rest);
  return true;
}

// Says a reply, or shows for how long it would be said. `onSilence` is called when nobody answers it; leave it out for
// those who type, for they take their time.
export function reply(out, rest, onSilence) {
  hush();
  last = () => aloud(out, rest, onSilence);
  if (isOn() && out.ssml) last();
  else if (rest === "alarm") speaker.show(rest);
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

async function aloud(out, rest, onSilence) {
  hush();
  const stop = new AbortController();
  const mine = { stop, rest };
  talking = mine;
  byId("hush").hidden = false;
  byId("sound-note").textContent = "";
  const onPart = (part) => speaker.show(rest === "alarm" ? rest : { words: "speaking", silence: "waiting" }[part] ?? part);
  onPart("words");
  try {
    await say(out.ssml, { voice: chosenVoice(), locale, signal: stop.signal, onPart });
    if (kept.again && onSilence && out.reprompt) patience = setTimeout(onSilence, SILENCE_MS);
  } catch (problem) {
    if (!stop.signal.aborted) byId("sound-note").textContent = `It can’t be heard: ${problem.message} The words are above.`;
  }
  if (talking !== mine) return;
  talking = null;
  byId("hush").hidden = true;
  speaker.show(rest);
}

// null for the server's
function chosenVoice() {
  return browserVoices(locale.slice(0, 2)).find((voice) => voice.voiceURI === choice.value) ?? null;
}

function listVoices() {
  const own = browserVoices(locale.slice(0, 2)).map((voice) => new Option(`${voice.name} (this browser)`, voice.voiceURI));
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
  turn(!isOn());
  if (isOn()) last();
  else hush();
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
// The settings close like a menu.
const settings = byId("settings");
document.addEventListener("pointerdown", (event) => {
  if (!settings.contains(event.target)) settings.open = false;
});
settings.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !settings.open) return;
  event.stopPropagation();
  settings.open = false;
  settings.firstElementChild.focus();
});
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
