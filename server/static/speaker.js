// The speaker itself: a ring of light and the word for it.

import { byId } from "./dom.js";

const WORDS = {
  idle: "Off",
  listening: "Listening",
  hearing: "Hearing you",
  thinking: "Thinking…",
  speaking: "Speaking",
  waiting: "Giving you time",
  blocked: "Click anywhere to hear it",
  ended: "Session ended",
  alarm: "Emergency. Session ended",
  unreachable: "No answer",
};

const MS_PER_WORD = 380; // about the pace of Alexa
const LONGEST_MS = 8_000; // a counted hold is not sat through again on a page without sound

const puck = byId("puck");
const label = byId("state");
let afterSpeech;

export function show(state) {
  clearTimeout(afterSpeech);
  puck.dataset.state = state;
  label.textContent = WORDS[state];
}

export function speak(text, next) {
  show("speaking");
  const words = text.split(/\s+/).filter(Boolean).length;
  afterSpeech = setTimeout(() => show(next), Math.min(words * MS_PER_WORD, LONGEST_MS));
}
