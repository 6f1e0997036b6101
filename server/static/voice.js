// Says a reply aloud, with the server's voice or with one of this browser's own. Silences last as long as on the device.

import { byId } from "./dom.js";

const PATIENCE_MS = 25_000;

const audio = byId("audio");

// Voices that run on this computer: others would send every reply about a body to somebody's server.
export function browserVoices(language) {
  const voices = globalThis.speechSynthesis?.getVoices() ?? [];
  return voices.filter((voice) => voice.localService && voice.lang.slice(0, 2) === language);
}

export function onBrowserVoices(changed) {
  globalThis.speechSynthesis?.addEventListener?.("voiceschanged", changed);
}

// The name of the server's voice, null for none.
export async function serverVoice() {
  try {
    const reply = await fetch("/api/voice", { signal: AbortSignal.timeout(PATIENCE_MS) });
    return reply.ok ? (await reply.json()).voice : null;
  } catch {
    return null;
  }
}

// Resolves when all is said. Rejects when it was stopped by the signal, or with the reason why it can't be said.
// `voice` is null for the server's. `onPart` is told "words", "silence", or "blocked" while the browser wants a click.
// `clock` is led through the reply.
export async function say(ssml, { voice, locale, signal, onPart, clock }) {
  clock.follow(() => 0);
  if (voice) return sayParts(await (await ask("/api/parts", { ssml }, signal)).json(), voice, signal, onPart, clock);
  const reply = await ask("/api/speech", { ssml, locale }, signal);
  const marks = JSON.parse(reply.headers.get("Speech-Marks"));
  const url = URL.createObjectURL(await reply.blob());
  try {
    clock.follow(() => 1000 * reckoned(audio.currentTime, marks));
    await play(url, marks, signal, onPart);
  } finally {
    clock.goOn(); // before the voice is rewound
    audio.pause();
    audio.removeAttribute("src");
    URL.revokeObjectURL(url);
  }
}

// Where the skill thinks we are when so many seconds are played: the marks say when words sound, and when they are due.
function reckoned(played, marks) {
  const mark = marks.findLast(([begin]) => begin <= played);
  if (!mark) return 0;
  const [begin, end, due, over] = mark;
  if (played >= end) return over + played - end;
  return due + ((over - due) * (played - begin)) / (end - begin);
}

async function ask(address, body, signal) {
  const reply = await fetch(address, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
    signal,
  });
  if (!reply.ok) throw new Error((await reply.json()).error);
  return reply;
}

async function play(url, marks, signal, onPart) {
  signal.throwIfAborted();
  audio.src = url;
  const tell = () => {
    const now = audio.currentTime;
    onPart(marks.some(([from, to]) => from <= now && now < to) ? "words" : "silence");
  };
  audio.addEventListener("timeupdate", tell, { signal });
  const over = happens(audio, "ended", signal);
  over.catch(() => {}); // it may fail while we still begin, and is awaited only then
  try {
    await begin(signal, onPart);
    await over;
  } finally {
    audio.removeEventListener("timeupdate", tell);
  }
}

// A browser may want a click or a key before a page makes its first sound.
async function begin(signal, onPart) {
  try {
    await audio.play();
  } catch (problem) {
    if (problem.name !== "NotAllowedError") throw problem;
    onPart("blocked");
    await Promise.race([happens(document, "pointerup", signal), happens(document, "keyup", signal)]);
    await audio.play();
  }
}

async function sayParts(parts, voice, signal, onPart, clock) {
  try {
    for (const part of parts) {
      signal.throwIfAborted();
      onPart(part.seconds ? "silence" : "words");
      lead(clock, part, 0);
      await (part.seconds ? wait(part.seconds * 1000, signal) : utter(part, voice, signal, clock));
    }
  } finally {
    clock.goOn();
  }
}

// From some share of a part on, the clock goes on by itself, but not beyond the part.
function lead(clock, { due, over }, share) {
  const from = due + share * (over - due);
  const since = performance.now();
  clock.follow(() => Math.min(1000 * over, 1000 * from + performance.now() - since));
}

async function utter(part, voice, signal, clock) {
  const utterance = new SpeechSynthesisUtterance(part.text);
  Object.assign(utterance, { voice, lang: voice.lang, rate: part.rate });
  const tell = ({ charIndex }) => lead(clock, part, charIndex / part.text.length);
  utterance.addEventListener("boundary", tell, { signal });
  const over = happens(utterance, "end", signal);
  speechSynthesis.speak(utterance);
  try {
    await over;
  } finally {
    if (signal.aborted) speechSynthesis.cancel();
  }
}

function happens(target, type, signal) {
  return new Promise((resolve, reject) => {
    target.addEventListener(type, resolve, { once: true, signal });
    target.addEventListener("error", () => reject(new Error("The voice failed.")), { once: true, signal });
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

export function wait(ms, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => (clearTimeout(timer), reject(signal.reason)), { once: true });
  });
}
