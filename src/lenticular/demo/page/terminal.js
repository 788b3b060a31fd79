// Lines for a terminal, each with a button that copies it.

import { byId, el, say } from "./dom.js";

/** Show the lines, if there are any. */
export function renderTerminal(lines) {
  const box = byId("curl");
  const key = JSON.stringify(lines ?? []);
  if (box.dataset.shown === key) return;
  box.dataset.shown = key;
  box.hidden = !lines?.length;
  box.querySelector("ul").replaceChildren(...(lines ?? []).map(row));
}

function row(line, at) {
  const code = el("code", {}, line);
  const button = el("button", { type: "button", class: "btn", "aria-label": `Copy line ${at + 1}` }, "Copy");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(line);
      say(button, "Copied");
    } catch {
      // Without permission to copy, the line is selected: the keyboard does the rest.
      getSelection().selectAllChildren(code);
      say(button, "Selected");
    }
    setTimeout(() => say(button, "Copy"), 1500);
  });
  return el("li", {}, el("pre", { tabindex: 0, "aria-label": `Line ${at + 1}` }, code), button);
}
