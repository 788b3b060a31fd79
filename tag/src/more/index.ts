// The rarer captures, in a file of their own: loaded where `data-captures` names one of them, or a block needs it.

import { blocks } from "./blocks";
import { forms } from "./forms";
import { links } from "./links";
import { reading } from "./reading";
import { scroll } from "./scroll";
import { video } from "./video";

export type Track = (event: string, properties: Record<string, unknown>) => void;
export type OnLeave = (run: () => void) => void;

/** Begin what a list of words names. `onLeave` takes what must run before the page is left. */
export const start = (captures: string, track: Track, onLeave: OnLeave, host: string): void => {
  const all: Record<string, () => void> = {
    blocks: () => blocks(track, host),
    forms: () => forms(track),
    links: () => links(track),
    reading: () => reading(track, onLeave),
    scroll: () => scroll(track),
    video: () => video(track),
  };
  captures.split(/[\s,]+/).forEach((name) => all[name]?.());
};
