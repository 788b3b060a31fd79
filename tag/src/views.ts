// When they come to another page without loading one.

import { option } from "./options";
import { later, on, safe } from "./safe";
import { here } from "./who";

const SETTLES = 50; // ms: routers redirect, and set the title afterwards

const address = (): string => location.href.split(option("hash") === undefined ? "#" : "\n")[0]!;

/** Call `seen` for each page of a single-page site after the first. */
export const listenToViews = (seen: () => void): void => {
  let [last, href] = [address(), location.href];
  let timer = 0;
  const changed = () => {
    clearTimeout(timer);
    timer = later(() => {
      if (address() === last) return;
      here.from = href;
      [last, href] = [address(), location.href];
      seen();
    }, SETTLES);
  };
  for (const name of ["pushState", "replaceState"] as const) {
    const original = history[name];
    history[name] = function (this: History, ...given) {
      original.apply(this, given);
      safe(changed)();
    };
  }
  on(window, "popstate", changed);
  on(window, "hashchange", changed);
};
