// The values of a rule's text, and where its sentence says them: so that they can be changed inside the sentence.

import { number } from "./format.js";

const VALUE = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|(?<![\w.])\d[\d_]*(?:\.\d+)?(?![\w.])/g;
const WINDOWS = { today: "today", week: "this week", month: "this month", session: "in this visit" };
const UNITS = { m: "minutes", h: "hours", d: "days", w: "weeks", mo: "months", y: "years" };

/** The windows offered where a sentence names one, by their text. */
export const OFFERED = ["today", "week", "month", "7d", "30d", "session"];

/**
 * Return the values of a rule's text in order: {kind, start, end, value, ways}. `ways` are the forms in which a
 * sentence may say it, each with what must be added to a number typed there (`< 26` is said as "to 25").
 */
export function literals(text) {
  return [...text.matchAll(VALUE)].map((match) => {
    const before = text.slice(0, match.index);
    const at = { start: match.index, end: match.index + match[0].length };
    if (!/["']/.test(match[0][0])) {
      const value = Number(match[0].replaceAll("_", ""));
      const ways = [{ said: number(value), plus: 0 }];
      if (/[^<]<\s*$/.test(before) && Number.isInteger(value)) ways.push({ said: number(value - 1), plus: 1 });
      return { kind: "number", value, ways, ...at };
    }
    const value = unquoted(match[0]);
    if (/within\s*=\s*$/.test(before)) return { kind: "window", value, ways: [{ said: windowWords(value), plus: 0 }], ...at };
    if (/segment\(\s*$/.test(before)) return { kind: "segment", value, ways: [], ...at };
    return { kind: "text", value, ways: value ? [{ said: value, plus: 0 }] : [], ...at };
  });
}

/** Return a sentence cut into texts and values: [{text}] or [{text, at, plus}] with `at` an index into the literals. */
export function parts(sentence, values) {
  const cut = [];
  let from = 0;
  values.forEach((value, at) => {
    const found = value.ways
      .map((way) => ({ ...way, index: find(sentence, way.said, from) }))
      .filter((way) => way.index >= 0)
      .sort((one, other) => one.index - other.index)[0];
    if (!found) return;
    if (found.index > from) cut.push({ text: sentence.slice(from, found.index) });
    cut.push({ text: found.said, at, plus: found.plus });
    from = found.index + found.said.length;
  });
  if (from < sentence.length) cut.push({ text: sentence.slice(from) });
  return cut;
}

/** Return a rule's text with one value replaced by another text or number. */
export function replaced(text, value, by) {
  return text.slice(0, value.start) + (typeof by === "number" ? String(by) : JSON.stringify(by)) + text.slice(value.end);
}

/** `7d` is "in the last 7 days"; what is no such text stays as it is. */
export function windowWords(value) {
  if (Object.hasOwn(WINDOWS, value)) return WINDOWS[value];
  const [, count, unit] = /^(\d+)(m|h|d|w|mo|y)$/.exec(value) ?? [];
  if (!unit) return value;
  return count === "1" ? `in the last ${UNITS[unit].slice(0, -1)}` : `in the last ${number(Number(count))} ${UNITS[unit]}`;
}

function find(sentence, said, from) {
  for (let at = sentence.indexOf(said, from); at >= 0; at = sentence.indexOf(said, at + 1)) {
    const before = sentence.slice(0, at);
    const after = sentence.slice(at + said.length);
    if (!/[\w]$|\d[.,]$/.test(before) && !/^\w|^[.,]\d/.test(after)) return at;
  }
  return -1;
}

function unquoted(quoted) {
  const inner = quoted.slice(1, -1);
  try {
    return JSON.parse(`"${inner.replaceAll("\\'", "'").replace(/(?<!\\)"/g, '\\"')}"`);
  } catch {
    return inner;
  }
}
