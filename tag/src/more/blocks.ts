// Forms and search boxes that are blocks of ours: what is sent becomes the event that they name.

import { on } from "../safe";
import type { Track } from ".";

const OURS = "/lenticular/form"; // where the server of a hosted page takes forms, and makes the event itself

const values = (form: HTMLFormElement): Record<string, unknown> => {
  const found: Record<string, unknown> = {};
  for (const field of Array.from(form.elements) as HTMLInputElement[]) {
    const name = field.dataset.lenticularField ?? field.name;
    if (!name || name.startsWith("_") || field.type === "submit" || field.type === "password") continue;
    if (field.type === "checkbox") found[name] = field.checked;
    else if (field.type === "number") found[name] = field.value ? field.valueAsNumber : undefined;
    else if (field.type !== "radio" || field.checked) found[name] = field.value;
  }
  return found;
};

export const blocks = (track: Track, host: string): void => {
  on<SubmitEvent>(document, "submit", (event) => {
    const form = event.target as HTMLFormElement;
    const name = form.dataset.lenticularEvent;
    const takes = form.getAttribute("action") === OURS;
    if (!name || (takes && host === location.origin)) return;
    track(name, values(form));
    if (!takes) return;
    event.preventDefault(); // a foreign page has nothing there
    const thanks = form.querySelector<HTMLInputElement>("[name=_thanks]")?.value;
    if (thanks) location.assign(thanks);
    form.reset();
    form.setAttribute("data-lenticular-sent", "");
  });
};
