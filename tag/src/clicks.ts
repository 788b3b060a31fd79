// Clicks on content.

import { track } from "./messages";
import { on } from "./safe";
import { about } from "./seen";

const clicked = (event: MouseEvent): void => {
  const target = event.target as Element;
  const link = target.closest<HTMLAnchorElement>("a[href]");
  const spot =
    target.closest("[data-lenticular-item]") ?? (link ?? target.closest("button"))?.closest("[data-lenticular-block]");
  if (spot && event.button < 2) track("Content Clicked", { ...about(spot), href: link?.href });
};

export const listenToClicks = (): void => {
  on(document, "click", clicked);
  on(document, "auxclick", clicked); // the middle button opens links, too
};
