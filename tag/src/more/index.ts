// The rarer captures, in a file of their own: loaded where `data-captures` names one of them.

import { forms } from "./forms";
import { links } from "./links";
import { reading } from "./reading";
import { scroll } from "./scroll";
import { video } from "./video";

export type Track = (event: string, properties: Record<string, unknown>) => void;
export type OnLeave = (run: () => void) => void;

const CAPTURES: Record<string, (track: Track, onLeave: OnLeave) => void> = { forms, links, reading, scroll, video };

export const start = (captures: string, track: Track, onLeave: OnLeave): void => {
  captures.split(/[\s,]+/).forEach((name) => CAPTURES[name]?.(track, onLeave));
};
