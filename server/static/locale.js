// Where the device is at home: which English it hears and speaks, and which emergency number it gives as an example.

import { byId } from "./dom.js";
import { kept, keep } from "./settings.js";

const choice = byId("locale");
const names = new Intl.DisplayNames("en", { type: "region" });

for (const option of choice.options) option.textContent = names.of(option.value.split("-")[1]);

// The country that was chosen before, else that of the browser, else the first one here.
const ours = [...choice.options].map((option) => option.value);
const wanted = [kept.locale, ...navigator.languages].find((one) => ours.includes(one));
if (wanted) choice.value = wanted;

export const locale = () => choice.value;

// `act` is called when another was chosen: what was begun in the one can't go on in the other.
export function whenChosen(act) {
  choice.addEventListener("change", () => {
    keep({ locale: choice.value });
    act();
  });
}
