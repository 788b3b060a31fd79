// The clock: from now to a week ahead. The demo's only; a real site's clock can't be moved.

import { byId, el, say } from "./dom.js";
import { day, moment } from "./format.js";

const MINUTE = 60_000;
const STEP = 15 * MINUTE;
const GAP = 10;
const LANES = 3;

export class Clock {
  /** `changed(instant | null)` is called when the clock is moved; null is "now". */
  constructor(changed) {
    this.changed = changed;
    this.input = byId("clock");
    this.ticks = byId("ticks");
    this.drawn = "";
    this.timer = 0;
    this.input.addEventListener("input", () => this.moved());
    byId("live").addEventListener("click", () => {
      this.input.focus();
      this.changed(null);
    });
    new ResizeObserver(() => this.arrange()).observe(this.ticks);
  }

  /** Show the state's moment; `live` says that it is the real one. */
  render(state, live) {
    this.start = state.start;
    // The slider's steps fall on quarters of an hour; its left end is the quarter that has begun.
    this.base = state.start - (state.start % STEP);
    this.zone = state.zone;
    this.input.max = Math.round((state.end - this.base) / MINUTE);
    if (!this.timer) {
      this.input.value = Math.round((state.now - this.base) / MINUTE);
      this.say(state.now);
    }
    byId("live").hidden = live;
    this.draw(state);
  }

  say(instant) {
    say(byId("moment"), moment(instant, this.zone));
    this.input.setAttribute("aria-valuetext", moment(instant, this.zone));
  }

  moved() {
    const instant = Math.max(this.start, this.base + Number(this.input.value) * MINUTE);
    this.say(instant);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.timer = 0;
      this.changed(instant === this.start ? null : instant);
    }, 60);
  }

  draw(state) {
    const key = JSON.stringify([state.start, state.end, state.moments]);
    if (key === this.drawn) return;
    this.drawn = key;
    const span = state.end - this.base;
    const ticks = (state.moments ?? [])
      .filter(({ at }) => at >= state.start && at <= state.end)
      .map(({ at, label, text }) => {
        const go = () => this.changed(at);
        const words = el("button", { type: "button", title: `${label}: ${text}`, onclick: go }, el("b", {}, label), el("span", {}, text));
        return { part: (at - this.base) / span, words };
      });
    const items = ticks.map(({ part, words }) => {
      const item = el("li", {}, words);
      item.style.left = `${100 * part}%`;
      item.dataset.part = part;
      return item;
    });
    const end = el("li", { class: "end", "aria-hidden": "true" }, el("b", {}, day(state.end, state.zone)), "a week on");
    this.ticks.replaceChildren(...items, end);
    this.arrange();
  }

  /**
   * Give each tick's words a lane in which they overlap neither other words nor the line of another tick. From the
   * right to the left, because words stand to the right of their line. Who finds no lane keeps its mark and title.
   */
  arrange() {
    const width = this.ticks.clientWidth;
    if (!width) return;
    const end = this.ticks.querySelector(".end");
    const taken = Array.from({ length: LANES }, () => []);
    if (end) taken[0].push([width - end.offsetWidth - GAP, width]);
    let lanes = 1;
    for (const item of [...this.ticks.querySelectorAll("li:not(.end)")].reverse()) {
      item.classList.remove("bare", "flip");
      const x = Number(item.dataset.part) * width;
      const wide = item.offsetWidth + GAP;
      const flip = x + wide > width;
      const words = flip ? [x - wide, x] : [x, x + wide];
      const line = [x - 3, x + 3];
      const lane = taken.findIndex(
        (_, at) => words[0] >= 0 && isFree(taken[at], words) && taken.slice(0, at).every((above) => isFree(above, line)),
      );
      item.classList.toggle("bare", lane < 0);
      item.classList.toggle("flip", flip && lane >= 0);
      item.style.setProperty("--lane", Math.max(lane, 0));
      if (lane < 0) continue;
      taken[lane].push(words);
      for (const above of taken.slice(0, lane)) above.push(line);
      lanes = Math.max(lanes, lane + 1);
    }
    this.ticks.style.setProperty("--lanes", lanes);
  }
}

function isFree(spans, [from, to]) {
  return spans.every(([left, right]) => to <= left || from >= right);
}
