// How long a page was really looked at: in front, with a sign of life in the last half minute.

import { on } from "../safe";
import type { OnLeave, Track } from ".";

const ALIVE = 30_000; // ms
const TICK = 1000; // ms

export const reading = (track: Track, onLeave: OnLeave): void => {
  let path = location.pathname;
  let seconds = 0;
  let alive = Date.now();
  const tell = () => {
    if (seconds) track("Page Read", { path, seconds });
    seconds = 0;
    path = location.pathname;
  };
  const sign = () => {
    alive = Date.now();
  };
  for (const name of ["pointermove", "pointerdown", "keydown", "scroll", "touchstart"]) on(document, name, sign);
  on(document, "visibilitychange", sign);
  setInterval(() => {
    if (path !== location.pathname) tell();
    if (!document.hidden && Date.now() - alive < ALIVE) seconds++;
  }, TICK);
  onLeave(tell);
};
