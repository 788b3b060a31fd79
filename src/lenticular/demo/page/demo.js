// One view (moment, rule, screen, theme) -> one question -> one state on the screen.

import { read, write } from "./address.js";
import { Clock } from "./clock.js";
import { renderCount } from "./count.js";
import { byId } from "./dom.js";
import { People } from "./person.js";
import { Rule } from "./rule.js";
import { Server } from "./server.js";
import { renderTerminal } from "./terminal.js";
import { Traffic } from "./traffic.js";

const LIVE = 30_000;
const THEMES = ["system", "light", "dark"];

const view = read();
let latest = null;

const server = new Server((text) => {
  byId("lost").hidden = text === null;
  byId("lost").firstElementChild.textContent = text ?? "";
});
const people = new People(see, move);
const rule = new Rule((text) => {
  view.rule = text;
  ask();
});
const clock = new Clock(move);
const traffic = new Traffic(refresh);

/** Ask because a person changed something: what is shown dims until the answer is there. */
function ask() {
  document.documentElement.dataset.asking = "";
  write(view, latest?.rule.published);
  server.ask(view, render);
}

/** Ask because time went by or people came in: nothing dims, and a person's question goes first. */
function refresh() {
  if (!server.busy) server.ask(view, render);
}

function render(state) {
  delete document.documentElement.dataset.asking;
  latest = state;
  write(view, state.rule.published);
  rule.render(state.rule, view.rule !== null);
  clock.render(state, view.now === null);
  renderCount(state);
  people.render(state.people);
  renderTerminal(state.curl);
  traffic.render(state.traffic);
  byId("magazine").href = state.magazine || "#";
  byId("magazine").hidden = !state.magazine;
}

function move(instant) {
  view.now = instant;
  ask();
}

function see(person, item) {
  send("/demo/see", { person: person.key, item, now: view.now ?? latest.now, rule: view.rule });
}

async function startOver() {
  if (!(await send("/demo/reset", {}))) return;
  view.now = view.rule = null;
  ask();
}

async function send(path, body) {
  document.documentElement.dataset.asking = "";
  const arrived = await server.post(path, body, render);
  if (!arrived) delete document.documentElement.dataset.asking;
  return arrived;
}

function showDevice() {
  people.use(view.device);
  for (const button of byId("device").children) button.setAttribute("aria-pressed", String(button.value === view.device));
}

function showTheme() {
  const root = document.documentElement;
  if (view.theme === "system") delete root.dataset.theme;
  else root.dataset.theme = view.theme;
  const next = THEMES[(THEMES.indexOf(view.theme) + 1) % THEMES.length];
  byId("theme").setAttribute("aria-label", `Theme: ${view.theme}. Change to ${next}.`);
  byId("theme").title = `Theme: ${view.theme}`;
}

byId("device").addEventListener("click", (event) => {
  if (!event.target.value) return;
  view.device = event.target.value;
  showDevice();
  write(view, latest?.rule.published);
});
byId("theme").addEventListener("click", () => {
  view.theme = THEMES[(THEMES.indexOf(view.theme) + 1) % THEMES.length];
  showTheme();
  write(view, latest?.rule.published);
});
byId("over").addEventListener("click", startOver);
byId("lost").querySelector("button").addEventListener("click", () => server.now());
addEventListener("online", () => server.now());
setInterval(() => {
  if (view.now === null && document.visibilityState === "visible") refresh();
}, LIVE);

showDevice();
showTheme();
if (view.rule !== null) byId("text").value = view.rule;
ask();
