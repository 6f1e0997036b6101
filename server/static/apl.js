// Draws the part of the Alexa Presentation Language that content/screen uses (tools/screen.py lists it): the same document
// that a device gets. It is no Alexa device: fonts and line breaks differ a little.

import { evaluate } from "./expression.js";

const SVG = "http://www.w3.org/2000/svg";
const TICK_MS = 100;
const ALIGN = { start: "flex-start", end: "flex-end", center: "center", stretch: "stretch", baseline: "baseline" };
const JUSTIFY = { ...ALIGN, spaceBetween: "space-between", spaceAround: "space-around" };

// Names that are bound, each to a function that works its value out anew.
class Scope {
  #names = new Map();
  #outer;

  constructor(outer = null) {
    this.#outer = outer;
  }

  bind(name, value) {
    this.#names.set(name, value);
  }

  get(name) {
    const value = this.#names.get(name);
    if (value) return value();
    if (!this.#outer) throw new Error(`${name} is bound to nothing`);
    return this.#outer.get(name);
  }

  set(name, value) {
    if (this.#names.has(name)) this.bind(name, () => value);
    else if (this.#outer) this.#outer.set(name, value);
  }
}

// Shows a document in an element. viewport: {shape, theme, width, height}. now: milliseconds since it is shown.
// Returns what stops its clock.
export function render(host, { document: apl, datasources }, { viewport, send, now }) {
  const top = new Scope();
  const mounted = [];
  const moving = [];
  const colours = {};
  top.bind("viewport", () => viewport);
  let elapsed = () => 0; // while it is mounted, so that a document that is drawn anew does not begin anew
  top.bind("elapsedTime", () => elapsed());
  for (const { when, colors } of apl.resources ?? []) {
    if (evaluate(when ?? true, top)) Object.assign(colours, colors);
  }
  const main = apl.mainTemplate;
  for (const name of main.parameters) top.bind(name, () => datasources);

  // Sets a property now, and again whenever its value changes.
  function keep(value, scope, apply) {
    const work = () => {
      const found = evaluate(value, scope);
      return typeof found === "string" && found.startsWith("@") ? colours[found.slice(1)] : found;
    };
    let last = work();
    apply(last);
    if (typeof value === "string" && value.includes("${")) {
      moving.push(() => {
        const found = work();
        if (found !== last) apply((last = found));
      });
    }
  }

  function inflate(item, outer) {
    if (!evaluate(item.when ?? true, outer)) return null;
    const layout = apl.layouts?.[item.type];
    const scope = new Scope(outer);
    if (layout) {
      for (const name of layout.parameters) {
        const value = item[name];
        scope.bind(name, () => evaluate(value, outer));
      }
      return inflate(layout.items[0], scope);
    }
    for (const { name, value } of item.bind ?? []) scope.bind(name, () => evaluate(value, scope));
    const draw = DRAW[item.type];
    if (!draw) throw new Error(`no component ${item.type}`);
    const element = draw(item, scope);
    base(element, item, scope);
    for (const command of item.onMount ?? []) mounted.push(() => obey(command, scope));
    return { element, item, scope };
  }

  function base(element, item, scope) {
    const { style } = element;
    Object.assign(style, { boxSizing: "border-box", flex: "0 0 auto", minWidth: "0", minHeight: "0" });
    const set = (name, apply) => name in item && keep(item[name], scope, apply);
    for (const name of ["width", "height", "left", "top"]) set(name, (value) => (style[name] = size(value, viewport)));
    for (const name of ["paddingLeft", "paddingRight", "paddingTop", "paddingBottom"]) {
      set(name, (value) => (style[name] = size(value, viewport)));
    }
    set("grow", (value) => (style.flexGrow = value));
    set("shrink", (value) => (style.flexShrink = value));
    set("position", (value) => (style.position = value));
    set("display", (value) => (style.display = value === "none" ? "none" : item.type === "Text" ? "grid" : "flex"));
    set("role", (value) => element.setAttribute("role", { image: "img", header: "heading" }[value] ?? value));
    if (item.role === "header") element.ariaLevel = "3";
    set("accessibilityLabel", (value) => item.type === "Text" || (element.ariaLabel = value));
  }

  function children(element, item, scope) {
    const made = (item.items ?? []).map((child) => inflate(child, scope)).filter(Boolean);
    made.forEach((child, place) => {
      if (place > 0 && "spacing" in child.item) {
        keep(child.item.spacing, child.scope, (value) => {
          child.element.style[item.direction === "row" ? "marginLeft" : "marginTop"] = size(value, viewport);
        });
      }
      element.append(child.element);
    });
    return element;
  }

  function flex(tag, item) {
    const element = document.createElement(tag);
    Object.assign(element.style, {
      display: "flex",
      position: "relative",
      flexDirection: item.direction ?? "column",
      alignItems: ALIGN[item.alignItems ?? "stretch"],
      justifyContent: JUSTIFY[item.justifyContent ?? "start"],
    });
    return element;
  }

  const DRAW = {
    Container: (item, scope) => children(flex("div", item), item, scope),
    Frame(item, scope) {
      const element = flex("div", item);
      const { style } = element;
      style.borderStyle = "solid";
      style.borderWidth = "0";
      keep(item.backgroundColor, scope, (value) => (style.backgroundColor = value));
      keep(item.borderColor, scope, (value) => (style.borderColor = value));
      keep(item.borderWidth, scope, (value) => (style.borderWidth = size(value, viewport)));
      keep(item.borderRadius, scope, (value) => (style.borderRadius = size(value, viewport)));
      return children(element, item, scope);
    },
    Text(item, scope) {
      const element = document.createElement("div");
      const words = element.appendChild(document.createElement("span"));
      const { style } = element;
      Object.assign(style, { display: "grid", alignItems: "start", fontWeight: "400", lineHeight: "1.25" });
      if (item.textAlignVertical === "center") style.alignItems = "center";
      keep(item.text, scope, (value) => (words.textContent = value));
      keep(item.color, scope, (value) => (style.color = value));
      keep(item.fontSize, scope, (value) => (style.fontSize = size(value, viewport)));
      if ("fontWeight" in item) style.fontWeight = item.fontWeight;
      if ("lineHeight" in item) style.lineHeight = item.lineHeight;
      if ("textAlign" in item) keep(item.textAlign, scope, (value) => (style.textAlign = value));
      if ("maxLines" in item) {
        Object.assign(words.style, { display: "-webkit-box", webkitBoxOrient: "vertical", overflow: "hidden" });
        words.style.webkitLineClamp = item.maxLines;
      }
      return element;
    },
    TouchWrapper(item, scope) {
      const element = flex("button", item);
      element.type = "button";
      Object.assign(element.style, { padding: "0", border: "0", background: "none", font: "inherit", minHeight: "0" });
      element.addEventListener("click", () => {
        for (const command of item.onPress) obey(command, scope);
      });
      return children(element, item, scope);
    },
    VectorGraphic(item, scope) {
      const graphic = apl.graphics[item.source];
      const element = document.createElementNS(SVG, "svg");
      element.setAttribute("viewBox", `0 0 ${graphic.width} ${graphic.height}`);
      const inner = new Scope();
      for (const { name, default: usual } of graphic.parameters) {
        inner.bind(name, () => usual);
        if (name in item) keep(item[name], scope, (value) => inner.bind(name, () => value));
      }
      element.append(...graphic.items.map((drawn) => path(drawn, inner)));
      return element;
    },
  };

  function path(item, scope) {
    const element = document.createElementNS(SVG, item.type === "group" ? "g" : "path");
    if (item.clipPath) element.style.clipPath = `path("${item.clipPath}")`;
    element.append(...(item.items ?? []).map((inner) => path(inner, scope)));
    if (item.type === "path") element.setAttribute("fill", "none");
    for (const [name, attribute] of Object.entries(DRAWN)) {
      if (name in item) keep(item[name], scope, (value) => element.setAttribute(attribute, value));
    }
    return element;
  }

  function obey(command, scope) {
    const value = (part) => evaluate(part, scope);
    if (command.type === "SetValue") scope.set(command.property, value(command.value));
    else if (command.type === "SendEvent") send(command.arguments.map(value));
    else throw new Error(`no command ${command.type}`);
  }

  host.style.backgroundColor = evaluate(apl.background, top);
  const first = main.items.find((item) => evaluate(item.when ?? true, top)); // of several, the first that fits
  host.replaceChildren(inflate(first, top).element);
  for (const mount of mounted) mount();
  elapsed = now;
  moving.forEach((move) => move());
  const clock = setInterval(() => moving.forEach((move) => move()), TICK_MS);
  return () => clearInterval(clock);
}

const DRAWN = {
  pathData: "d",
  pathLength: "pathLength",
  fill: "fill",
  stroke: "stroke",
  strokeWidth: "stroke-width",
  strokeLineCap: "stroke-linecap",
  strokeLineJoin: "stroke-linejoin",
  strokeDashArray: "stroke-dasharray",
  strokeDashOffset: "stroke-dashoffset",
};

// A number is in dp, which is a pixel of our viewport.
function size(value, viewport) {
  if (typeof value === "number") return `${value}px`;
  const [, number, unit] = /^([\d.]+)(vw|vh|%|dp)?$/.exec(value) ?? [];
  if (unit === "vw") return `${(number * viewport.width) / 100}px`;
  if (unit === "vh") return `${(number * viewport.height) / 100}px`;
  return unit === "%" ? value : `${number}px`;
}
