// The calls to the server, and the ways in which it can fail, in words for the person.

const PATIENCE_MS = 15_000;

export class Trouble extends Error {
  constructor(message, { refused = false } = {}) {
    super(message);
    this.refused = refused; // the server understood us and said no
  }
}

export const takeTurn = (body) => post("/api/turn", body);
export const takeTouch = (body) => post("/api/touch", body);

async function post(path, body) {
  let reply;
  let out;
  try {
    reply = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    out = await reply.json();
  } catch (problem) {
    if (problem.name === "TimeoutError") {
      throw new Trouble("Cramp Coach took too long to answer.");
    }
    if (reply) throw new Trouble("The server’s answer could not be read.");
    throw new Trouble("Cramp Coach can’t be reached. Is the server still running?");
  }
  if (!reply.ok) {
    const said = typeof out?.error === "string" ? out.error : "The server could not answer.";
    throw new Trouble(said, { refused: reply.status < 500 });
  }
  return out;
}
