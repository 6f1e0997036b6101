// The reminders that are set on the pretend device: when each would ring, and what it would say.

import { byId, make } from "./dom.js";

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
  return make("li", "", time, ` “Here’s your reminder: ${says}.”`);
}

export async function showReminders(user) {
  let rows;
  try {
    const reply = await fetch(`/api/reminders?user=${encodeURIComponent(user)}`);
    rows = (await reply.json()).reminders ?? [];
  } catch {
    return; // the next turn will tell what is wrong with the server
  }
  byId("rings").hidden = rows.length === 0;
  byId("rings-list").replaceChildren(...rows.map(row));
}
