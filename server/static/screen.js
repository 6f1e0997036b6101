// The screen of the pretend device: shows the documents that come with a reply, and sends what is touched.

import { render } from "./apl.js";
import { byId } from "./dom.js";

// Sizes in dp: a small screen in a room, one as tall as a phone leaves room for, and a strip for the name alone.
const WIDE = { width: 960, height: 480 };
const TALL = { width: 600, height: 720 };
const STRIP = { width: 960, height: 120 };

const frame = byId("screen");
const glass = byId("glass");
const power = byId("screen-on");
const dark = matchMedia("(prefers-color-scheme: dark)");
const narrow = matchMedia("(max-width: 32rem)");

let stop = () => {};
let shown = null; // the last directive, drawn again when light and dark change places
let clock = null; // of the reply that it came with
let touched = () => {};

export const isOn = () => power.getAttribute("aria-checked") === "true";

export function whenTouched(act) {
  touched = act;
}

// Shows what comes with a reply, and tells for how many ms it counts. A session that ended without a word from the skill
// leaves a dark screen.
export function show(out, replyClock) {
  const { directives } = out.response?.response ?? {};
  const rendered = directives?.findLast(({ type }) => type === "Alexa.Presentation.APL.RenderDocument");
  if (!rendered) {
    if (out.ended) clear();
    return 0;
  }
  shown = rendered;
  clock = replyClock;
  draw();
  const { running, lead, seconds } = rendered.datasources.coach;
  return running && isOn() ? 1000 * (lead + seconds) : 0;
}

export function clear() {
  shown = null;
  draw();
}

function draw() {
  stop();
  stop = () => {};
  frame.hidden = shown === null || !isOn();
  glass.replaceChildren();
  if (frame.hidden) return;
  const isStrip = !shown.document.graphics; // the closing document
  frame.classList.toggle("strip", isStrip);
  const size = isStrip ? STRIP : narrow.matches ? TALL : WIDE;
  frame.style.aspectRatio = `${size.width} / ${size.height}`;
  glass.style.width = `${size.width}px`;
  glass.style.height = `${size.height}px`;
  const viewport = { shape: "rectangle", theme: dark.matches ? "dark" : "light", ...size };
  stop = render(glass, shown, { viewport, send: (words) => touched(words), now: clock.now });
  fit();
}

function fit() {
  glass.style.transform = `scale(${frame.clientWidth / glass.clientWidth})`;
  // What scrolls beneath it keeps clear of it.
  document.body.style.setProperty("--head", `${frame.offsetHeight}px`);
}

power.addEventListener("click", () => {
  power.setAttribute("aria-checked", String(!isOn()));
  byId("screen-is").textContent = isOn() ? "on" : "off";
  draw();
});
for (const media of [dark, narrow]) media.addEventListener("change", draw);
new ResizeObserver(fit).observe(frame);
