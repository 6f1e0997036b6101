// The conversation as bubbles.

import { byId, make } from "./dom.js";
import { dispositionWords } from "./words.js";

const log = byId("log");

function add(element) {
  log.append(element);
  return element;
}

// Scrolling is never smooth here: a second call would cut the first one short.
export function showEnd() {
  log.lastElementChild?.scrollIntoView({ block: "nearest" });
}

// A reply is read from its first word, so that must be in sight even where the whole does not fit.
export function showStart(bubble) {
  bubble.scrollIntoView({ block: "nearest" });
  const { scrollMarginTop, scrollMarginBottom } = getComputedStyle(bubble);
  const room = Math.min(log.clientHeight, innerHeight - parseFloat(scrollMarginTop) - parseFloat(scrollMarginBottom));
  if (bubble.offsetHeight > room) bubble.scrollIntoView({ block: "start" });
}

export function addYou(text, isAction) {
  const words = make("span", isAction ? "words action" : "words", text);
  return add(make("p", "bubble you", make("span", "unseen", "You: "), words));
}

// What a microphone heard may be wrong.
export function addCorrection(bubble, onCorrect) {
  const button = make("button", "quiet", "Not what I said");
  button.type = "button";
  button.addEventListener("click", onCorrect);
  bubble.append(button);
}

export function addWaiting() {
  const dots = make("p", "bubble coach waiting", make("i"), make("i"), make("i"));
  dots.setAttribute("aria-hidden", "true");
  return add(dots);
}

export function addCoach(turn, onChoose) {
  const disposition = turn.assessment?.disposition;
  const bubble = make("div", "bubble coach", make("span", "unseen", "Cramp Coach: "));
  if (disposition) {
    bubble.dataset.disposition = disposition;
    bubble.append(make("p", "level", dispositionWords(disposition)));
  }
  if (turn.alexa) bubble.append(make("p", "level", "Alexa herself asks"));
  bubble.append(make("p", "words", ...words(turn)));
  // The alarm region speaks an emergency at once; the log must not say it a second time.
  if (disposition === "EMERGENCY") bubble.setAttribute("aria-live", "off");
  // With the keyboard, the arrows beside "Behind the reply" do the same.
  bubble.addEventListener("click", onChoose);
  return add(bubble);
}

// The words of a hold are many, and nobody reads them while they hold: they are all there, in small type.
function words({ speech, held }) {
  if (!held) return [speech || "(It says nothing.)"];
  const [before, after] = speech.split(held);
  return [before, make("span", "held", held), after];
}

export function addDivider(text) {
  return add(make("p", "divider", make("span", "", text)));
}

export function markUnanswered(bubble) {
  bubble.classList.add("unanswered");
  bubble.append(make("span", "fate", "No answer"));
}

export function markSending(bubble) {
  bubble.classList.remove("unanswered");
  bubble.querySelector(".fate")?.remove();
}

export function markChosen(chosen) {
  for (const bubble of log.querySelectorAll(".chosen")) bubble.classList.remove("chosen");
  chosen?.classList.add("chosen");
}

export function clear() {
  log.replaceChildren();
}

export function focusLog() {
  log.focus({ preventScroll: true });
}
