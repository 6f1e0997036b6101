// Behind the reply: one turn, from what was heard to the JSON on the wire.

import { byId, make } from "./dom.js";
import { colouredJson, colouredSsml } from "./json.js";
import { dispositionWords } from "./words.js";

const none = () => make("span", "none", "none");
const id = (text) => make("code", "", text);

function fill(list, rows) {
  list.replaceChildren(
    ...rows.map(([name, ...values]) =>
      make("div", "", make("dt", "", name), ...values.map((value) => make("dd", "", value))),
    ),
  );
}

function slotValues(slots) {
  return Object.entries(slots ?? {}).flatMap(([name, values]) =>
    values.map(({ value, id: resolved }) => {
      const line = make("span", "", id(name), ` “${value}”`);
      if (resolved) line.append(" → ", id(resolved));
      return line;
    }),
  );
}

function findingValues(findings) {
  return Object.entries(findings ?? {}).map(([name, value]) => make("span", "", id(name), ` ${value}`));
}

const orNone = (values) => (values.length ? values : [none()]);

export function showTurn(turn, place, count) {
  byId("empty").hidden = true;
  byId("turn").hidden = false;
  byId("stepper").hidden = false;
  byId("which").textContent = `Turn ${place + 1} of ${count}`;
  // Not "disabled": that would take the keyboard away from the one who is pressing it.
  byId("earlier").ariaDisabled = String(place === 0);
  byId("later").ariaDisabled = String(place === count - 1);

  const heard = turn.heard ?? {};
  fill(byId("heard"), [
    ["Intent", heard.intent ? id(heard.intent) : none()],
    ["Slots", ...orNone(slotValues(heard.slots))],
    ["Findings", ...orNone(findingValues(heard.findings))],
  ]);

  const { assessment } = turn;
  const decided = [
    ["Question", turn.question ? id(turn.question) : none()],
    ["Offer", turn.offer ? id(turn.offer) : none()],
  ];
  if (assessment) {
    const level = make("span", "badge", dispositionWords(assessment.disposition));
    level.dataset.disposition = assessment.disposition;
    decided.unshift(
      ["Level", level],
      ["Condition", assessment.condition ? id(assessment.condition) : none()],
      ["Reasons", ...orNone((assessment.reasons ?? []).map(id))],
    );
  } else {
    decided.unshift(["Level", none()]);
  }
  fill(byId("decided"), decided);

  fill(byId("said"), [
    ["Speech", turn.speech || none()],
    ["SSML", turn.ssml ? colouredSsml(turn.ssml) : none()],
    ["Reprompt", turn.reprompt ? colouredSsml(turn.reprompt) : none()],
    ["Then", turn.ended ? "The session ends." : "The microphone opens."],
  ]);

  for (const side of ["request", "response"]) {
    const pane = byId(side);
    pane.replaceChildren(colouredJson(turn[side]));
    pane.scrollTo(0, 0);
  }
}

export function showNothing() {
  byId("empty").hidden = false;
  byId("turn").hidden = true;
  byId("stepper").hidden = true;
}

export function saveRequest(turn, place) {
  const text = `${JSON.stringify(turn.request, null, 2)}\n`;
  const link = make("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  link.download = `cramp-coach-test-event-${place + 1}.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1_000);
}
