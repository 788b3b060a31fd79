// The tag never throws into the page: whatever the browser calls goes through here.

export const safe =
  <Given extends unknown[], Result>(run: (...given: Given) => Result) =>
  (...given: Given): Result | undefined => {
    try {
      return run(...given);
    } catch (error) {
      console.debug(error);
    }
  };

export const on = <Kind extends Event>(target: EventTarget, name: string, run: (event: Kind) => unknown): void =>
  target.addEventListener(name, safe(run) as EventListener, true);

export const later = (run: () => unknown, ms: number): number => setTimeout(safe(run), ms) as unknown as number;

/** Resolves when the page's elements are there. */
export const parsed = new Promise<void>((resolve) => {
  if (document.readyState === "loading") on(document, "DOMContentLoaded", resolve as () => void);
  else resolve();
});
