// What was seen: an item that is half visible for one second, once per decision.

import { decisions } from "./apply";
import { track } from "./messages";
import { later, on, safe } from "./safe";

const named = (element: Element, name: string): string | undefined =>
  element.closest(`[data-lenticular-${name}]`)?.getAttribute(`data-lenticular-${name}`) ?? undefined;

/** What is known of an element's content. */
export const about = (element: Element): Record<string, unknown> => {
  const [item, block, slot, decision] = ["item", "block", "slot", "decision"].map((name) => named(element, name));
  const whole = decisions[decision ?? ""];
  const part = slot ? whole?.slots[slot] : whole?.page;
  const list = slot ? whole?.slots[slot] : whole?.page?.blocks.find((each) => each.id === block);
  const { collection, variation } = list ?? {};
  return { item, decision, slot, block, experience: part?.experience, collection, variation };
};

const counted = new Set<string>();
const timers = new Map<Element, number>();

const stop = (element: Element): void => {
  clearTimeout(timers.get(element));
  timers.delete(element);
};

const see = (element: Element): void => {
  const what = about(element);
  const id = `${what.decision}:${what.item}`;
  stop(element);
  observer.unobserve(element);
  if (what.decision && !counted.has(id)) {
    counted.add(id);
    track("Impression", what, id);
  }
};

const observer = new IntersectionObserver(
  safe((entries: IntersectionObserverEntry[]) => {
    for (const { target, intersectionRatio, intersectionRect } of entries) {
      // What is larger than the window counts when it fills half of that.
      if (intersectionRatio < 0.5 && intersectionRect.height < innerHeight / 2) stop(target);
      else if (!timers.has(target)) timers.set(target, later(() => see(target), 1000));
    }
  }),
  { threshold: [0, 0.1, 0.2, 0.3, 0.4, 0.5] },
);

/** Watch the items that the page has now. */
export const watch = (): void => {
  if (document.hidden) return;
  document.querySelectorAll("[data-lenticular-item]").forEach((element) => observer.observe(element));
};

// A page in the background is not seen.
on(document, "visibilitychange", () => {
  timers.forEach((_, element) => stop(element));
  observer.disconnect();
  watch();
});
