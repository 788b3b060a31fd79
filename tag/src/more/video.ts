// Videos of the page itself: when one is played for the first time, and when it has come to its end.

import { on } from "../safe";
import type { Track } from ".";

export const video = (track: Track): void => {
  const told = new WeakMap<EventTarget, string>();
  const once = (name: string) => (event: Event) => {
    const player = event.target as HTMLVideoElement;
    if (!(player instanceof HTMLVideoElement)) return;
    const about = { video: player.currentSrc, title: player.title || undefined, seconds: Math.round(player.duration) || 0 };
    if (told.get(player) === name + about.video) return;
    told.set(player, name + about.video);
    track(name, about);
  };
  on(document, "play", once("Video Played"));
  on(document, "ended", once("Video Completed"));
};
