// Links that lead away from the site, and downloads.

import { on } from "../safe";
import type { Track } from ".";

const FILE = /\.(pdf|zip|rar|7z|gz|tar|dmg|exe|msi|apk|pkg|csv|xlsx?|docx?|pptx?|od[tsp]|rtf|txt|epub|mp[34]|mov|avi|wav|webm)$/i;

export const links = (track: Track): void => {
  const clicked = (event: MouseEvent) => {
    if (event.button > 1) return; // the middle one opens links, too
    const link = (event.target as Element).closest?.<HTMLAnchorElement>("a[href]");
    if (!link || !/^https?:$/.test(link.protocol)) return;
    const what = { href: link.href, text: link.innerText.trim().slice(0, 100) };
    if (link.hasAttribute("download") || FILE.test(link.pathname)) track("File Downloaded", what);
    else if (link.host !== location.host) track("Link Clicked", what);
  };
  on(document, "click", clicked);
  on(document, "auxclick", clicked);
};
