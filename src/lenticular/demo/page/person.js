// The five, side by side: who, what they see, and why.

import { CLOCK, byId, el, icon } from "./dom.js";
import { site } from "./site.js";

const GONE = "M2 8s2.200-4 6-4 6 4 6 4-2.200 4-6 4-6-4-6-4zM3 13L13 3";

export class People {
  /** `see(person, item, title)` counts an ad as seen; `go(instant)` moves the clock. */
  constructor(see, go) {
    this.see = see;
    this.go = go;
    this.list = byId("people");
    this.known = new Map();
  }

  /** Show them; only what changed is drawn again. */
  render(people) {
    const keys = people.map((person) => person.key);
    for (const [key, entry] of this.known) {
      if (keys.includes(key)) continue;
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
    const frame = el("div", { class: "frame", role: "group", "aria-label": `What ${person.name} sees` });
    const reason = el("div", { class: "reason" });
    const who = el(
      "div",
      { class: "who" },
      el("span", { class: "avatar", "aria-hidden": "true" }, person.initials),
      el("div", {}, el("h3", {}, person.name), el("div", { class: "small muted" }, person.note)),
    );
    const entry = { item: el("li", { class: "person" }, who, frame, reason), frame, reason, seen: "", why: "" };
    this.known.set(person.key, entry);
    return entry;
  }

  show(entry, person) {
    const seen = JSON.stringify([person.decision.page?.blocks, person.decision.slots]);
    if (seen === entry.seen) return;
    const old = entry.frame.querySelector(".site:not(.leaving)");
    const hadFocus = entry.frame.contains(document.activeElement);
    const fresh = site(person.decision, (item, title) => this.see(person, item, title));
    entry.seen = seen;
    entry.frame.querySelector(".leaving")?.remove();
    entry.frame.prepend(fresh);
    if (!old) return;
    // The old picture lies over the new one and is taken away stripe by stripe, as on a lenticular print.
    old.classList.add("leaving");
    old.inert = true;
    old.addEventListener("animationend", () => old.remove());
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) old.remove();
    if (hadFocus) {
      entry.reason.tabIndex = -1;
      (fresh.querySelector("button") ?? entry.reason).focus({ preventScroll: true });
    }
  }

  explain(entry, person) {
    const why = JSON.stringify([person.place, person.experience, person.why, person.changes, person.capped]);
    if (why === entry.why) return;
    entry.why = why;
    const later = (person.changes ?? []).map((change) => this.line(CLOCK, change.text, change.at));
    const capped = (person.capped ?? []).map((cap) => this.line(GONE, cap.text, cap.until));
    entry.reason.replaceChildren(
      el("div", { class: "place" }, el("i", {}, person.place ? String(person.place) : "–"), person.experience ?? "Default"),
      el("p", {}, person.why ?? ""),
      ...later,
      ...capped,
    );
  }

  line(drawing, text, at) {
    const words = at
      ? el("button", { type: "button", class: "link", title: "Move the clock there", onclick: () => this.go(at) }, text)
      : el("span", {}, text);
    return el("div", { class: "later" }, icon(drawing), words);
  }
}
