// The five, side by side: who, what they see, and why.

import { CLOCK, byId, el, icon } from "./dom.js";

const GONE = "M2 8s2.200-4 6-4 6 4 6 4-2.200 4-6 4-6-4-6-4zM3 13L13 3";
const SEEN = "M2 8s2.200-4 6-4 6 4 6 4-2.200 4-6 4-6-4-6-4zM8 6.200a1.800 1.800 0 1 0 0 3.600 1.800 1.800 0 0 0 0-3.600z";
const WIDTHS = { phone: 390, desktop: 1120 };
const HEIGHTS = { phone: 940, desktop: 860 };
// Links in a page open the bank as its person, in a tab of their own; nothing in it runs.
const ALLOWED = "allow-same-origin allow-popups allow-popups-to-escape-sandbox";

export class People {
  /** `see(person, item, title)` counts an ad as seen; `go(instant)` moves the clock. */
  constructor(see, go) {
    this.see = see;
    this.go = go;
    this.list = byId("people");
    this.known = new Map();
    this.device = "phone";
    this.sizes = new ResizeObserver((entries) => entries.forEach(({ target }) => this.fit(target)));
  }

  /** Show their pages as on a phone, or on a desktop. */
  use(device) {
    this.device = device;
    this.list.dataset.device = device;
    for (const { frame } of this.known.values()) this.fit(frame);
  }

  /** A page is as wide as its screen, and made as small as its frame. */
  fit(frame) {
    const scale = frame.clientWidth / WIDTHS[this.device];
    if (!scale) return;
    for (const [name, value] of [
      ["--width", `${WIDTHS[this.device]}px`],
      ["--height", `${HEIGHTS[this.device]}px`],
      ["--scale", scale],
      ["--shown", `${Math.round(HEIGHTS[this.device] * scale)}px`],
    ]) {
      frame.style.setProperty(name, value);
    }
  }

  /** Show them; only what changed is drawn again. */
  render(people) {
    const keys = people.map((person) => person.key);
    for (const [key, entry] of this.known) {
      if (keys.includes(key)) continue;
      this.sizes.unobserve(entry.frame);
      entry.item.remove();
      this.known.delete(key);
    }
    people.forEach((person, at) => {
      const entry = this.known.get(person.key) ?? this.meet(person);
      if (this.list.children[at] !== entry.item) this.list.insertBefore(entry.item, this.list.children[at] ?? null);
      this.show(entry, person);
      this.explain(entry, person);
    });
  }

  meet(person) {
    const frame = el("div", { class: "frame" });
    const reason = el("div", { class: "reason", tabindex: -1 });
    const who = el(
      "div",
      { class: "who" },
      el("span", { class: "avatar", "aria-hidden": "true" }, person.initials),
      el("div", {}, el("h3", {}, person.name), el("div", { class: "small muted" }, person.note)),
    );
    const entry = { item: el("li", { class: "person" }, who, frame, reason), frame, reason, seen: "", why: "" };
    this.known.set(person.key, entry);
    this.sizes.observe(frame);
    return entry;
  }

  show(entry, person) {
    if (person.page === entry.seen) return;
    entry.seen = person.page;
    for (const one of entry.frame.querySelectorAll(".leaving")) one.remove();
    const old = entry.frame.querySelector(".site");
    const title = `What ${person.name} sees`;
    const fresh = el("iframe", { class: "site", title, sandbox: ALLOWED, srcdoc: person.page });
    entry.frame.prepend(fresh);
    if (!old) return;
    // The old picture lies over the new one and is taken away stripe by stripe, as on a lenticular print.
    old.classList.add("leaving");
    old.inert = true;
    const leave = () => {
      old.classList.add("gone");
      old.addEventListener("animationend", () => old.remove());
      if (matchMedia("(prefers-reduced-motion: reduce)").matches) old.remove();
    };
    fresh.addEventListener("load", leave, { once: true });
  }

  explain(entry, person) {
    const why = JSON.stringify([person.place, person.experience, person.why, person.changes, person.capped, person.ads]);
    if (why === entry.why) return;
    const hadFocus = entry.why && entry.reason.contains(document.activeElement);
    entry.why = why;
    const later = (person.changes ?? []).map((change) => this.line(CLOCK, change.text, change.at));
    const capped = (person.capped ?? []).map((cap) => this.line(GONE, cap.text, cap.until));
    entry.reason.replaceChildren(
      el("div", { class: "place" }, el("i", {}, person.place ? String(person.place) : "–"), person.experience ?? "Default"),
      el("p", {}, person.why ?? ""),
      ...later,
      ...(person.ads ?? []).map((ad) => this.ad(person, ad)),
      ...capped,
      el("a", { class: "link small", href: `/demo/sign-in/${encodeURIComponent(person.key)}`, target: "_blank" }, `Open the bank as ${person.name}`),
    );
    if (hadFocus) entry.reason.focus({ preventScroll: true });
  }

  ad(person, { item, name }) {
    const see = () => this.see(person, item, name);
    const button = el("button", { type: "button", class: "link", "aria-label": `See it: ${name}`, onclick: see }, "See it");
    return el("div", { class: "later" }, icon(SEEN), el("span", {}, `The ad “${name}” is on the page. `, button));
  }

  line(drawing, text, at) {
    const words = at
      ? el("button", { type: "button", class: "link", title: "Move the clock there", onclick: () => this.go(at) }, text)
      : el("span", {}, text);
    return el("div", { class: "later" }, icon(drawing), words);
  }
}
