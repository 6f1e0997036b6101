// A smart speaker you can type to: what is pressed and typed, and what happens then.

import { Trouble, takeTouch, takeTurn } from "./api.js";
import { Clock } from "./clock.js";
import { byId, make } from "./dom.js";
import { saveRequest, showNothing, showTurn } from "./inspector.js";
import * as listen from "./listen.js";
import { locale, whenChosen } from "./locale.js";
import * as log from "./log.js";
import { forget, person, remember } from "./person.js";
import { Recall } from "./recall.js";
import { showReminders } from "./reminders.js";
import { kept } from "./settings.js";
import * as sound from "./sound.js";
import * as speaker from "./speaker.js";
import * as screen from "./screen.js";

const WAIT_BEFORE_PROGRESS_MS = 300;

const field = byId("say");
const recall = new Recall();

let session = null;
let turns = []; // [{ out, bubble }]
let chosen = -1;
let waiting = false;
let conversation = 0; // counts the times we started over: a late reply to an old one is dropped

function arrange() {
  const fresh = byId("log").childElementCount === 0;
  byId("talk").toggleAttribute("data-fresh", fresh);
  byId("hero").hidden = !fresh;
  byId("tools").hidden = fresh;
  byId("silence").hidden = session === null;
  byId("open-again").hidden = fresh || waiting || session !== null;
}

function fitField() {
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight + field.offsetHeight - field.clientHeight}px`;
}

function setField(text) {
  field.value = text;
  fitField();
}

// The field keeps the keyboard; on a touch screen that would cover the reply with keys.
function returnToField() {
  if (matchMedia("(pointer: fine)").matches) field.focus();
  else if (document.activeElement !== field) log.focusLog();
}

function choose(place) {
  if (!turns[place]) return;
  chosen = place;
  log.markChosen(turns[place].bubble);
  showTurn(turns[place].out, place, turns.length);
}

function receive(out, wasHeard) {
  const place = turns.length;
  const bubble = log.addCoach(out, () => choose(place));
  turns.push({ out, bubble });
  const isEmergency = out.assessment?.disposition === "EMERGENCY";
  if (isEmergency) byId("alarm").textContent = `Emergency. ${out.speech}`;
  session = out.ended ? null : out.session;
  if (out.ended) log.addDivider("Session ended. Your next words open a new one.");
  const onSilence = wasHeard ? () => say("", "Says nothing for 8 seconds") : undefined;
  const clock = new Clock();
  const counts = screen.show(out, clock);
  sound.reply(out, { rest: rest(), clock, counts, onSilence });
  choose(place);
  if (out.heard.intent === "ForgetMeIntent") forget();
  else remember();
  showReminders(person).then((moves) => moves && log.showEnd());
}

// How the speaker looks when nobody says anything.
function rest() {
  if (turns.length === 0) return "idle";
  if (turns.at(-1).out.assessment?.disposition === "EMERGENCY") return "alarm";
  return session === null ? "ended" : "listening";
}

function troubleButton(label, act) {
  const button = make("button", "quiet", label);
  button.type = "button";
  button.addEventListener("click", () => waiting || act());
  return button;
}

// What is said is a text; what is touched is the list of words that the key sends.
function ask(said) {
  if (Array.isArray(said)) return takeTouch({ session, arguments: said });
  return takeTurn({ session, user: person, locale: locale(), text: said, screen: screen.isOn() });
}

function edit(text) {
  if (field.value.trim()) recall.add(field.value);
  setField(text);
  field.focus();
}

function showTrouble(trouble, text, again) {
  const buttons =
    trouble.refused && text
      ? [troubleButton("Change it", () => edit(text))]
      : [troubleButton("Try again", again)];
  if (trouble.refused && session !== null) {
    const sayAnew = () => {
      session = null;
      again();
    };
    buttons.push(troubleButton("Say it in a new session", sayAnew));
  }
  byId("trouble").replaceChildren(
    make("p", "", make("strong", "", trouble.message), " Nothing you typed is lost."),
    make("div", "", ...buttons),
  );
}

async function send(text, bubble, wasHeard) {
  sound.hush();
  const mine = conversation;
  waiting = true;
  byId("trouble").replaceChildren();
  byId("alarm").textContent = "";
  byId("ear-note").replaceChildren();
  arrange();
  log.showEnd();
  returnToField();
  let dots;
  const progress = setTimeout(() => {
    speaker.show("thinking");
    byId("status").textContent = "Thinking…";
    dots = log.addWaiting();
    log.showEnd();
  }, WAIT_BEFORE_PROGRESS_MS);
  let out;
  let trouble;
  try {
    out = await ask(text);
  } catch (problem) {
    if (!(problem instanceof Trouble)) throw problem;
    trouble = problem;
  } finally {
    clearTimeout(progress);
    dots?.remove();
    byId("status").textContent = "";
    if (mine === conversation) waiting = false;
  }
  if (mine !== conversation) return;
  if (out) {
    receive(out, wasHeard);
  } else {
    log.markUnanswered(bubble);
    speaker.show("unreachable");
    showTrouble(trouble, text, () => {
      log.markSending(bubble);
      send(text, bubble, wasHeard);
    });
  }
  arrange();
  log.showEnd();
  if (out) log.showStart(turns.at(-1).bubble);
  else byId("trouble").scrollIntoView({ block: "nearest" });
}

function say(text, shown = text) {
  if (waiting) return false;
  send(text, log.addYou(shown, shown !== text));
  return true;
}

function sayTyped(text) {
  if (text.trim() === "" || !say(text)) return;
  recall.add(text);
  setField("");
}

function sayHeard(text) {
  if (waiting || kept.check) {
    edit(text);
    byId("status").textContent = "Check what was heard, then send it.";
    return;
  }
  const bubble = log.addYou(text, false);
  log.addCorrection(bubble, () => {
    sound.hush();
    edit(text);
  });
  recall.add(text);
  send(text, bubble, true);
}

function startOver() {
  sound.forget();
  listen.cancel();
  conversation += 1;
  waiting = false;
  session = null;
  turns = [];
  chosen = -1;
  log.clear();
  showNothing();
  screen.clear();
  byId("trouble").replaceChildren();
  byId("alarm").textContent = "";
  speaker.show("idle");
  arrange();
  returnToField();
}

function bringBack(key) {
  const text = key === "ArrowUp" ? recall.earlier(field.value) : recall.later();
  if (text === null) return false;
  setField(text);
  return true;
}

// An arrow moves in a long sentence first, and brings back another only at its edge.
function atEdge(key) {
  if (field.selectionStart !== field.selectionEnd) return false;
  if (key === "ArrowUp") return field.selectionStart === 0 || !isTall();
  return field.selectionStart === field.value.length || !isTall();
}

function isTall() {
  return field.clientHeight > 2 * parseFloat(getComputedStyle(field).lineHeight);
}

field.addEventListener("input", () => {
  if (sound.isOn()) sound.hush();
  fitField();
});
field.addEventListener("keydown", (event) => {
  if (event.isComposing || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (event.key === " " && field.value === "" && listen.isReady()) {
    event.preventDefault();
    if (!event.repeat) listen.press();
  } else if (event.key === "Enter") {
    event.preventDefault();
    sayTyped(field.value);
  } else if (event.key === "Escape") {
    setField("");
  } else if (event.key === "ArrowUp" || event.key === "ArrowDown") {
    if (atEdge(event.key) && bringBack(event.key)) event.preventDefault();
  }
});
field.addEventListener("keyup", (event) => {
  if (event.key === " ") listen.release();
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || listen.cancel()) return;
  if (event.target !== field) field.focus();
});
byId("form").addEventListener("submit", (event) => {
  event.preventDefault();
  sayTyped(field.value);
  returnToField();
});
for (const chip of document.querySelectorAll(".chip")) {
  chip.addEventListener("click", () => {
    if (say(chip.textContent)) recall.add(chip.textContent);
  });
}
for (const [name, withSound] of [["open-first", true], ["open-silently", false], ["open-again", undefined]]) {
  byId(name).addEventListener("click", () => {
    if (withSound !== undefined) sound.turn(withSound);
    say(null, "Open Cramp Coach");
  });
}
byId("hush").addEventListener("click", () => {
  sound.hush();
  returnToField();
});
byId("silence").addEventListener("click", () => say("", "Says nothing"));
screen.whenTouched((words) => session !== null && say(words, `Touches “${words.join(" ")}”`));
byId("over").addEventListener("click", startOver);
whenChosen(() => {
  startOver();
  sound.listVoices();
});
byId("forget").addEventListener("click", () => {
  byId("settings").open = false;
  say("forget me");
  returnToField();
});
byId("earlier").addEventListener("click", () => choose(chosen - 1));
byId("later").addEventListener("click", () => choose(chosen + 1));
byId("save").addEventListener("click", () => saveRequest(turns[chosen].out, chosen));

listen.prepare({ onBegin: sound.hush, onHeard: sayHeard, onNothing: () => speaker.show(rest()) });
addEventListener("resize", fitField);
arrange();
fitField();
returnToField();
