// How many people the rule holds, of whom, and against the published one.

import { byId, say } from "./dom.js";
import { list, number, share, signed, time } from "./format.js";

/** Show a state's count. While the store of events does not answer there is none: the old one stays, and says so. */
export function renderCount(state) {
  const box = byId("count");
  const write = (name, text) => say(box.querySelector(`.${name}`), text);
  const { count } = state;
  if (!count || typeof count.people !== "number") {
    write("known", "The store of events does not answer now; the count follows as soon as it does.");
  } else {
    write("big", number(count.people));
    write("share", `people, ${share(count.people, count.total)} of ${number(count.total)}`);
    // While people come in, two counts are of two moments; a rule that can't be read is counted as the last good one.
    const edited = state.rule.text.trim() !== state.rule.published.trim() && !state.rule.problems.length;
    write("delta", edited && state.traffic.finished ? delta(count) : "");
    box.querySelector(".delta").classList.toggle("down", count.people < count.before);
    write("known", `${number(count.known)} known, ${number(count.people - count.known)} anonymous, as of ${time(count.asOf, state.zone)}`);
  }
  write("among", among(state));
}

function delta(count) {
  if (typeof count.before !== "number" || count.before === count.people) return "";
  const change =
    typeof count.joined === "number" && typeof count.left === "number"
      ? `${signed(count.joined)} / ${signed(-count.left).replace("+", "−")}`
      : signed(count.people - count.before);
  return `${change} against the published ${number(count.before)}`;
}

function among(state) {
  const names = state.people
    .filter((person) => person.segment === state.rule.segment)
    .map((person) => (person.name.startsWith("Visitor") ? person.name : person.name.split(" ")[0]));
  if (!names.length) return `None of the five sees the page for ${state.rule.name}.`;
  const all = names.length === state.people.length;
  const some = all ? "All" : `${["One", "Two", "Three", "Four"][names.length - 1]} of the`;
  return `${some} five ${names.length === 1 ? "sees" : "see"} the page for ${state.rule.name}${all ? "" : `: ${list(names)}`}.`;
}
