// The button to talk: press and speak, press again or hold and let go. What was heard comes back as text.

import { byId } from "./dom.js";
import { isThere, record } from "./microphone.js";
import * as speaker from "./speaker.js";

const PATIENCE_MS = 60_000; // the first time, the recogniser is loaded
const HELD_MS = 400; // a shorter press begins, and another one ends it
const LONGEST_MS = 28_000;
const SHORTEST_SAMPLES = 4_800; // 0.3 s
const QUIET_MS = 2_000; // so long after the last word, it was the last
const VOICE_LEVEL = 0.015; // and three times as loud as the quietest moment

const button = byId("talk-button");
const note = byId("ear-note");

let state = "idle"; // idle, opening, recording, working
let ears = "absent";
let recording = null;
let pressed = 0; // when, in ms; 0 when nothing is held
let limit;
let attempt = 0; // counts the recordings: what is made out of a cancelled one is dropped
let handlers;

// `onBegin` is called when somebody begins to speak, `onHeard` with the text, `onNothing` when there is none.
export async function prepare(given) {
  handlers = given;
  ears = (await call("/api/ears").catch(() => ({ ears }))).ears;
  byId("talk-key").hidden = ears === "absent" || !isThere();
}

export const isReady = () => ears !== "absent" && isThere();

export async function press() {
  if (state === "recording") return finish();
  if (state !== "idle") return;
  pressed = performance.now();
  if (!isThere()) return tell("This browser can’t use a microphone here. Typing always works.");
  if (ears === "absent") {
    return tell("The microphone needs an extra: stop the server, then start it with ", "make listen", ". Typing always works.");
  }
  handlers.onBegin();
  show("opening");
  tell("");
  try {
    // While somebody speaks the recogniser is loaded; what goes wrong there is told when it is asked.
    call("/api/ears", { method: "POST", headers: { "Content-Type": "application/json" } }).then(
      (reply) => {
        if (reply.ears === "waking") tell("Speak: the recogniser is loading meanwhile, this once.");
      },
      () => {},
    );
    recording = await record(follow());
  } catch (problem) {
    show("idle");
    handlers.onNothing();
    return tell(whyNot(problem));
  }
  show("recording");
  speaker.show("hearing");
  limit = setTimeout(finish, LONGEST_MS);
}

// The key or the button was let go.
export function release() {
  const held = pressed && performance.now() - pressed > HELD_MS;
  pressed = 0;
  if (held && state === "recording") finish();
}

export function cancel() {
  if (state !== "recording" && state !== "working") return false;
  attempt += 1;
  clearTimeout(limit);
  if (state === "recording") recording.cancel();
  show("idle");
  handlers.onNothing();
  tell("Not sent.");
  return true;
}

async function finish() {
  const mine = (attempt += 1);
  clearTimeout(limit);
  show("working");
  speaker.show("thinking");
  if (note.textContent === "") tell("Making out what you said…");
  try {
    const samples = await recording.finish();
    const text = samples.length < SHORTEST_SAMPLES ? "" : (await hear(samples)).text;
    if (mine !== attempt) return;
    show("idle");
    tell(text ? "" : "Nothing was heard. Try again, a little closer.");
    if (text) handlers.onHeard(text);
    else handlers.onNothing();
  } catch (problem) {
    if (mine !== attempt) return;
    show("idle");
    handlers.onNothing();
    tell(problem.name === "TimeoutError" ? "The recogniser took too long. Typing always works." : problem.message);
  }
}

// Watches the loudness, and ends the recording when the last word was spoken.
function follow() {
  let quietest = 1;
  let voice = 0; // when it was last heard
  return (level) => {
    byId("level").value = level;
    quietest = Math.min(quietest, level);
    const now = performance.now();
    if (level > VOICE_LEVEL && level > 3 * quietest) voice = now;
    if (voice && !pressed && state === "recording" && now - voice > QUIET_MS) finish();
  };
}

function hear(samples) {
  return call("/api/hear", {
    method: "POST",
    headers: { "Content-Type": "application/octet-stream" },
    body: new Uint8Array(samples.buffer),
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
}

async function call(address, options) {
  let reply;
  try {
    reply = await fetch(address, options);
  } catch (problem) {
    if (problem.name === "TimeoutError") throw problem;
    throw new Error("The server can’t be reached. Is it still running?");
  }
  const out = await reply.json();
  if (!reply.ok) throw new Error(out.error);
  return out;
}

function whyNot(problem) {
  if (problem.name === "NotAllowedError") {
    return "The microphone is not allowed: permit it for this page in the browser’s address bar. Typing always works.";
  }
  if (problem.name === "NotFoundError") return "No microphone was found. Typing always works.";
  return "The microphone can’t be used now. Typing always works.";
}

function tell(text, command = "", rest = "") {
  note.replaceChildren(text);
  if (!command) return;
  const code = document.createElement("code");
  code.textContent = command;
  note.append(code, rest);
}

function show(now) {
  state = now;
  button.dataset.state = now;
  button.setAttribute("aria-disabled", String(now === "opening" || now === "working"));
  byId("talk-word").textContent = now === "recording" ? "Done" : "Talk";
  byId("level").hidden = now !== "recording";
}

button.addEventListener("pointerdown", (event) => {
  if (event.button !== 0) return;
  event.preventDefault(); // the field keeps the keyboard
  press();
});
addEventListener("pointerup", release);
addEventListener("pointercancel", release);
button.addEventListener("click", (event) => {
  if (event.detail !== 0) return; // a pointer was already heard
  press();
  pressed = 0; // a key pressed on a button says nothing about being held
});
