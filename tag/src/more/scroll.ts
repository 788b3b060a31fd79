// How far a page was scrolled: at a quarter, half, three quarters and the end, once each.

import { on } from "../safe";
import type { Track } from ".";

const STEPS = [25, 50, 75, 100];

export const scroll = (track: Track): void => {
  let path = location.pathname;
  let reached = 0;
  let waits = 0;
  const look = () => {
    waits = 0;
    if (path !== location.pathname) [path, reached] = [location.pathname, 0];
    const { scrollHeight } = document.documentElement;
    if (scrollHeight <= innerHeight) return;
    const percent = Math.ceil(((scrollY + innerHeight) / scrollHeight) * 100);
    for (const step of STEPS) {
      if (step > reached && step <= percent) track("Scrolled", { path, percent: (reached = step) });
    }
  };
  on(document, "scroll", () => {
    waits ||= setTimeout(look, 200) as unknown as number;
  });
};
