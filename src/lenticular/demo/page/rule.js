// The rule: as a sentence with values to change, as a text, what is wrong with it, and examples.

import { byId, el, say } from "./dom.js";
import { examples } from "./examples.js";
import { OFFERED, literals, parts, replaced, windowWords } from "./literals.js";

const PAUSE = 250;

export class Rule {
  /** `changed(text)` is called when a person pauses after a change. */
  constructor(changed) {
    this.changed = changed;
    this.text = byId("text");
    this.sentence = byId("sentence");
    this.published = "";
    this.timer = 0;
    this.drawn = "";
    this.text.addEventListener("input", () => this.edit(this.text.value));
    byId("reset").addEventListener("click", () => {
      this.set(this.published);
      this.text.focus();
    });
  }

  /** Show a rule as the server read it; what is being typed stays as it is. */
  render(rule, typed) {
    this.published = rule.published;
    say(byId("segment"), rule.name);
    this.offer();
    // Someone is typing: the next answer fits what they type, this one does not.
    if (this.timer) return;
    if (!typed || this.text.value === "") this.write(rule.text);
    this.mark();
    this.problems(rule.problems);
    if (!rule.problems.length) this.draw(rule.sentence);
    else if (!this.drawn) say(this.sentence, rule.sentence);
  }

  /** Make a text the rule, at once. */
  set(text) {
    this.write(text);
    this.mark();
    clearTimeout(this.timer);
    this.timer = 0;
    this.changed(text);
  }

  edit(text) {
    this.grow();
    this.mark();
    clearTimeout(this.timer);
    if (text.trim() === "") {
      this.timer = 0;
      return this.problems([{ message: "The rule is empty.", hint: "Write True for everyone, or reset it to the published one." }]);
    }
    this.timer = setTimeout(() => {
      this.timer = 0;
      this.changed(text);
    }, PAUSE);
  }

  write(text) {
    if (this.text.value !== text) this.text.value = text;
    this.grow();
  }

  grow() {
    this.text.style.height = "auto";
    this.text.style.height = `${Math.min(this.text.scrollHeight + 2, 320)}px`;
  }

  mark() {
    const edited = this.published !== "" && this.text.value.trim() !== this.published.trim();
    byId("draft").hidden = !edited;
    byId("reset").hidden = !edited;
    byId("rule").classList.toggle("draft-edge", edited);
    for (const chip of byId("examples").querySelectorAll("button")) {
      chip.setAttribute("aria-pressed", String(chip.value.trim() === this.text.value.trim()));
    }
  }

  problems(problems) {
    const rows = problems.map(({ message, place, hint }) =>
      el("li", {}, el("b", {}, message), place && " ", place && this.place(place), hint && " ", hint && el("span", {}, hint)),
    );
    this.text.setAttribute("aria-invalid", String(rows.length > 0));
    const box = byId("problems");
    const key = JSON.stringify(problems);
    if (box.dataset.shown === key) return;
    box.dataset.shown = key;
    const stays = el("p", { class: "faint" }, "Until then, the pages and the count follow the last rule that could be read.");
    box.replaceChildren(...(rows.length ? [el("ul", {}, rows), stays] : []));
  }

  place(place) {
    const [, line, column] = /line (\d+), column (\d+)/.exec(place) ?? [];
    if (!line) return el("span", { class: "faint" }, `(${place})`);
    const go = () => {
      const lines = this.text.value.split("\n");
      const start = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0) + Number(column) - 1;
      const word = /^[\w.]+|^./.exec(this.text.value.slice(start))?.[0] ?? "";
      this.text.focus();
      this.text.setSelectionRange(start, start + word.length);
    };
    return el("button", { type: "button", class: "link", title: "Show the place", onclick: go }, place);
  }

  draw(sentence) {
    const key = `${this.text.value}\n${sentence}`;
    if (key === this.drawn) return;
    this.drawn = key;
    const active = this.sentence.contains(document.activeElement) ? document.activeElement : null;
    const values = literals(this.text.value);
    const pieces = glued(parts(sentence, values), (part) => this.chip(part, values[part.at], active));
    const place = active && [active.selectionStart, active.selectionEnd];
    this.sentence.replaceChildren(...pieces);
    if (!active) return;
    const again = this.sentence.querySelector(`[data-at="${active.dataset.at}"]`);
    again?.focus();
    if (again?.setSelectionRange && place[0] !== null) again.setSelectionRange(...place);
  }

  chip(part, value, active) {
    // Someone may be typing in it: then it keeps what they typed.
    const typing = active?.dataset.at === String(part.at) && active.tagName === "INPUT";
    const common = { class: "chip val", "data-at": part.at, "aria-label": `${kindWords(value)}: ${part.text}` };
    if (value.kind === "window") {
      const shown = [...new Set([...OFFERED, value.value])];
      const options = shown.map((each) => el("option", { value: each, selected: each === value.value }, windowWords(each)));
      return el("select", { ...common, onchange: (event) => this.change(part, event.target.value) }, options);
    }
    const input = el("input", { ...common, type: "text", autocomplete: "off", spellcheck: "false" });
    if (value.kind === "number") input.inputMode = "decimal";
    input.value = typing ? active.value : part.text;
    const fit = () => (input.size = Math.max(2, input.value.length));
    input.addEventListener("input", () => {
      fit();
      this.typed(part, value.kind, input);
    });
    fit();
    return input;
  }

  typed(part, kind, input) {
    if (kind === "text") return this.change(part, input.value);
    const typed = input.value.trim().replaceAll(",", "");
    const number = typed === "" ? NaN : Number(typed);
    const right = Number.isFinite(number) && number >= 0;
    input.setAttribute("aria-invalid", String(!right));
    if (right) return this.change(part, number + part.plus);
    clearTimeout(this.timer);
    this.timer = 0;
    return this.problems([{ message: `“${input.value}” is not a number.`, hint: "Write digits, such as 25." }]);
  }

  change(part, by) {
    const text = replaced(this.text.value, literals(this.text.value)[part.at], by);
    this.write(text);
    this.edit(text);
  }

  offer() {
    const box = byId("examples");
    if (box.dataset.of === this.published) return;
    box.dataset.of = this.published;
    const chips = examples(this.published).map(({ label, text }) => {
      const press = () => this.set(this.text.value.trim() === text.trim() ? this.published : text);
      return el("li", {}, el("button", { type: "button", class: "chip", value: text, "aria-pressed": "false", onclick: press }, label));
    });
    box.replaceChildren(...chips);
    this.mark();
  }
}

/** Return texts and chips, in which quotes and stops next to a chip never part from it at a line's end. */
function glued(cut, chip) {
  const pieces = cut.map((part) => ({ ...part, before: "", after: "" }));
  const isText = (piece) => piece !== undefined && piece.at === undefined;
  pieces.forEach((piece, at) => {
    if (isText(piece)) return;
    const [left, right] = [pieces[at - 1], pieces[at + 1]];
    if (isText(left)) {
      piece.before = /\S*$/.exec(left.text)[0];
      left.text = left.text.slice(0, left.text.length - piece.before.length);
    }
    if (isText(right)) {
      piece.after = /^\S*/.exec(right.text)[0];
      right.text = right.text.slice(piece.after.length);
    }
  });
  return pieces.map((piece) =>
    isText(piece) ? piece.text : el("span", { class: "glue" }, piece.before, chip(piece), piece.after),
  );
}

function kindWords(value) {
  return { number: "Number", text: "Text", window: "When" }[value.kind] ?? "Value";
}
