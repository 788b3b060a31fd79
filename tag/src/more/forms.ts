// Forms: seen, half visible for a second, and submitted. What is written into them is nobody's business.

import { on, safe } from "../safe";
import type { Track } from ".";

const about = (form: HTMLFormElement): Record<string, unknown> => ({
  form: (form.getAttribute("id") || form.getAttribute("name")) ?? undefined,
  action: form.getAttribute("action") ?? undefined,
  path: location.pathname,
});

export const forms = (track: Track): void => {
  const timers = new Map<Element, number>();
  const seen = new WeakSet<Element>();
  const observer = new IntersectionObserver(
    safe((entries: IntersectionObserverEntry[]) => {
      for (const { target, isIntersecting } of entries) {
        clearTimeout(timers.get(target));
        if (!isIntersecting || seen.has(target)) continue;
        timers.set(target, setTimeout(() => {
          if (document.hidden || seen.has(target)) return;
          seen.add(target);
          observer.unobserve(target);
          safe(track)("Form Viewed", about(target as HTMLFormElement));
        }, 1000) as unknown as number);
      }
    }),
    { threshold: 0.5 },
  );
  const watch = () => document.querySelectorAll("form").forEach((form) => seen.has(form) || observer.observe(form));
  new MutationObserver(safe(watch)).observe(document, { childList: true, subtree: true });
  watch();
  on<SubmitEvent>(document, "submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (!form.dataset.lenticularEvent) track("Form Submitted", about(form)); // a block of ours has an event of its own
  });
};
