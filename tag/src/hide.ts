// Marked elements are hidden for the moment that a decision takes, also those that the browser has not read yet.
// A constructed style sheet is no inline style, so that a strict Content-Security-Policy lets it be.

import { DECIDED, PLACES } from "./marks";
import { safe } from "./safe";

export const LIMIT = 400; // ms

const sheet = safe(() => {
  const made = new CSSStyleSheet({ disabled: true });
  made.replaceSync(`${PLACES}:not([${DECIDED}]){visibility:hidden!important}`);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, made];
  return made;
})();

/** Hide what is not decided, or show it again. */
export const hide = (yes: boolean): void => {
  if (sheet) sheet.disabled = !yes;
};
