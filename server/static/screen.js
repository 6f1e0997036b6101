// The screen of the pretend device: shows the documents that come with a reply, and sends what is touched.

import { render } from "./apl.js";
import { byId } from "./dom.js";

const WIDTH = 960; // a small screen in a room, in dp
const HEIGHT = 480;

const frame = byId("screen");
const glass = byId("glass");
const power = byId("screen-on");
const dark = matchMedia("(prefers-color-scheme: dark)");

let stop = () => {};
let shown = null; // the last directive, drawn again when light and dark change places
let since = 0;
let touched = () => {};

export const isOn = () => power.checked;

export function whenTouched(act) {
  touched = act;
}

// A session that ended without a word from the skill leaves a dark screen.
export function show(out) {
  const { directives } = out.response?.response ?? {};
  const rendered = directives?.findLast(({ type }) => type === "Alexa.Presentation.APL.RenderDocument");
  if (!rendered) {
    if (out.ended) clear();
    return;
  }
  shown = rendered;
  since = performance.now();
  draw();
}

export function clear() {
  shown = null;
  draw();
}

function draw() {
  stop();
  stop = () => {};
  frame.hidden = shown === null || !power.checked;
  glass.replaceChildren();
  if (frame.hidden) return;
  const viewport = { shape: "rectangle", theme: dark.matches ? "dark" : "light", width: WIDTH, height: HEIGHT };
  stop = render(glass, shown, { viewport, send: (words) => touched(words), now: () => performance.now() - since });
  fit();
}

function fit() {
  glass.style.transform = `scale(${frame.clientWidth / WIDTH})`;
}

power.addEventListener("change", draw);
dark.addEventListener("change", draw);
new ResizeObserver(fit).observe(frame);
