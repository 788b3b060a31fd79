// The bank's home page from a decision: nothing is decided here, the blocks stand in the order they came in.

import { art, badge } from "./art.js";
import { el } from "./dom.js";

const KINDS = { hero, offers: cards, cards, news, text: news, banner };

/** Return a site's page. `see(item)` counts that its ad was seen. */
export function site(decision, see) {
  const page = el("div", { class: "site" }, el("div", { class: "head" }, el("b", {}, "Aurora Bank"), el("span", {}, "Sign in")));
  const bodies = new Map();
  for (const block of decision.page?.blocks ?? []) {
    const body = Object.hasOwn(KINDS, block.kind) ? KINDS[block.kind](block) : unknown(block);
    bodies.set(block.id, body);
    (bodies.get(block.parent) ?? page).append(body);
  }
  const ads = Object.values(decision.slots ?? {})
    .filter((slot) => slot.block && (slot.items?.length || slot.block.kind !== "ad"))
    .flatMap((slot) => (slot.block.kind === "ad" ? slot.items.map((item) => ad(slot.block, item, see)) : [unknown(slot.block)]));
  // The slot lies under the offers; on a page without them, at the end.
  const above = [...page.children].find((child) => child.classList.contains("offers"));
  if (above) above.after(...ads);
  else page.append(...ads);
  return page;
}

function hero({ settings }) {
  return el(
    "div",
    { class: "hero" },
    art(settings.art),
    el("div", { class: "txt" }, el("p", { class: "t1" }, words(settings.title)), el("p", {}, words(settings.text))),
    words(settings.cta) && el("span", { class: "cta" }, words(settings.cta)),
  );
}

function cards({ settings, items = [] }) {
  const rows = items.map(({ key, fields = {} }) =>
    el("li", {}, badge(fields.icon), el("div", {}, words(fields.title) || key, el("span", {}, words(fields.text)))),
  );
  return el("div", { class: "offers" }, el("p", { class: "t2" }, words(settings.title)), el("ul", {}, rows));
}

function news({ settings }) {
  return el("div", { class: "news" }, el("p", { class: "t2" }, words(settings.title)), el("p", {}, words(settings.text)));
}

function banner({ settings }) {
  return el(
    "div",
    { class: "banner" },
    el("div", {}, el("p", { class: "t2" }, words(settings.title)), el("p", {}, words(settings.text))),
    words(settings.cta) && el("span", { class: "cta quiet" }, words(settings.cta)),
  );
}

function ad(block, { key, fields = {} }, see) {
  const title = words(fields.title) || key;
  return el(
    "div",
    { class: "ad" },
    el("p", { class: "t3" }, words(block.settings.label) || "Advertisement"),
    el("p", { class: "t2" }, title),
    el("p", {}, words(fields.text)),
    el(
      "button",
      { type: "button", class: "cta gold", "data-item": key, "aria-label": `See it: ${title}`, onclick: () => see(key, title) },
      "See it",
    ),
  );
}

function unknown({ id, kind }) {
  return el("div", { class: "plain" }, `${kind} “${id}”`);
}

/** A text may be one, or a map by locale. */
function words(value) {
  if (value === null || value === undefined) return "";
  if (typeof value !== "object") return String(value);
  return String(value.en ?? Object.values(value)[0] ?? "");
}
