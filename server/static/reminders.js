// The reminders that are set on the pretend device: when each would ring, and what it would say.

import { asMenu, byId, make } from "./dom.js";

const whenWords = new Intl.DateTimeFormat("en", {
  weekday: "long",
  month: "long",
  day: "numeric",
  hour: "numeric",
  minute: "2-digit",
});

function row({ when, says }) {
  // The wall clock of the device is meant, whatever zone this browser is in.
  const time = make("time", "", whenWords.format(new Date(when.slice(0, 19))));
  time.dateTime = when;
  return make("li", "", time, make("span", "", `“Here’s your reminder: ${says}.”`));
}

// Tells whether the list came or went, and so took or gave room.
export async function showReminders(user) {
  let rows;
  try {
    const reply = await fetch(`/api/reminders?user=${encodeURIComponent(user)}`);
    rows = (await reply.json()).reminders ?? [];
  } catch {
    return false; // the next turn will tell what is wrong with the server
  }
  const moves = byId("rings").hidden !== (rows.length === 0);
  byId("rings").hidden = rows.length === 0;
  byId("rings-count").textContent = `${rows.length === 1 ? "1 reminder" : `${rows.length} reminders`} set on this pretend device`;
  byId("rings-list").replaceChildren(...rows.map(row));
  return moves;
}

asMenu(byId("rings"));
