// Where the device is at home: which English it hears and speaks, and which emergency number it gives as an example.

import { byId } from "./dom.js";
import { kept, keep } from "./settings.js";

const choice = byId("locale");
const names = new Intl.DisplayNames("en", { type: "region" });

for (const option of choice.options) option.label = names.of(option.value.split("-")[1]);
if ([...choice.options].some((option) => option.value === kept.locale)) choice.value = kept.locale;

export const locale = () => choice.value;

// `act` is called when another was chosen: what was begun in the one can't go on in the other.
export function whenChosen(act) {
  choice.addEventListener("change", () => {
    keep({ locale: choice.value });
    act();
  });
}
