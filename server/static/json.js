// JSON and SSML as coloured text. The colours only help the eye: the text alone says it all.

import { make } from "./dom.js";

function kindOf(value) {
  if (value === null || typeof value === "boolean") return "literal";
  return typeof value; // "string" or "number"
}

function write(value, indent, out) {
  if (value === null || typeof value !== "object") {
    out.append(make("span", `j-${kindOf(value)}`, JSON.stringify(value)));
    return;
  }
  const isList = Array.isArray(value);
  const [open, close] = isList ? "[]" : "{}";
  const entries = Object.entries(value);
  if (entries.length === 0) {
    out.append(open + close);
    return;
  }
  const inner = `${indent}  `;
  out.append(`${open}\n`);
  entries.forEach(([key, child], place) => {
    out.append(inner);
    if (!isList) out.append(make("span", "j-key", JSON.stringify(key)), ": ");
    write(child, inner, out);
    out.append(place < entries.length - 1 ? ",\n" : "\n");
  });
  out.append(indent + close);
}

export function colouredJson(value) {
  const code = make("code");
  write(value ?? null, "", code);
  return code;
}

export function colouredSsml(ssml) {
  const parts = ssml.split(/(<[^>]*>)/).filter(Boolean);
  return make("code", "", ...parts.map((part) => (part[0] === "<" ? make("span", "j-key", part) : part)));
}
