// `window.lenticular`: begins when it may, and offers what a page can say.

import type { Lenticular, Values } from "../lenticular";
import { keep, may, take } from "./allowed";
import { listenToClicks } from "./clicks";
import { decide, decideView, look } from "./decide";
import { discard, message, release, track } from "./messages";
import { host, option } from "./options";
import { empty, farewell, listen, onLeave } from "./queue";
import { on, safe } from "./safe";
import { listenToViews } from "./views";
import { anonymousId, forget, know, userId } from "./who";

declare const MORE: string; // where the second file is, from the build

type Api = Record<string, (...given: any[]) => unknown>;
type Call = [name: string, given: unknown[], done?: (result: unknown) => void];

let begun = false;
let forms = "";
let settle: () => void;
/** Resolves once it is known whether anything may be kept and sent. */
const settled = new Promise<void>((resolve) => {
  settle = resolve;
});

const page = (name?: string, properties?: Values): void => message("page", { name, properties });

const view = (): void => {
  if (option("pageViews") !== "off") page();
  if (begun) void decideView();
};

const more = (captures: string): void => {
  import(host + MORE).then((second) => second.start(captures, track, onLeave, host), console.debug);
};

/** From now on things are kept and sent. */
const begin = (): void => {
  know();
  release();
  void decideView(true);
  settle();
  if (begun) return;
  begun = true;
  listen();
  listenToClicks();
  const captures = option("captures");
  if (captures) more(captures);
  const changed = () => {
    look();
    if (!forms && document.querySelector("form[data-lenticular-event]")) more((forms = "blocks"));
  };
  new MutationObserver(safe(changed)).observe(document, { childList: true, subtree: true });
  changed();
};

const start = (): void => {
  view();
  listenToViews(view);
  on<PageTransitionEvent>(window, "pageshow", (event) => event.persisted && view());
  if (may()) begin();
};

const api: Api = {
  page,
  track: (event: string, properties?: Values) => track(event, properties),
  identify(who: string | null | Values, traits?: Values) {
    if (who === null) return forget();
    if (typeof who === "object") traits = who;
    else know(`${who}`);
    message("identify", { traits });
  },
  group: (groupId: string, traits?: Values) => message("group", { groupId, traits }),
  alias: (to: string, from?: string) => message("alias", { userId: to, previousId: from ?? userId() ?? anonymousId() }),
  consent(answer: Parameters<Lenticular["consent"]>[0]) {
    const could = may();
    if (could) message("identify", {}); // carries the answer to the server, whatever it is
    take(answer);
    if (!may()) {
      farewell();
      empty();
      discard();
      forget();
      settle();
    } else if (could) begun && void decideView();
    else begin();
    keep();
  },
  decide: (wanted) => settled.then(() => decide(wanted)),
};

/** Take the place of what the page has put in `window.lenticular`, and make up for the calls that wait there. */
const load = (): void => {
  const offered = ((window as any).lenticular ??= []);
  if (offered.begun) return; // a page may carry the script twice
  offered.begun = true;
  const calls: Call[] = offered.splice(0);
  for (const name in api) offered[name] = async (...given: unknown[]) => safe(api[name]!)(...given);
  for (const [name, given, done] of calls) {
    const result = offered[name](...given);
    done?.(result);
  }
  if ((document as { prerendering?: boolean }).prerendering) on(document, "prerenderingchange", start);
  else start();
};

safe(load)();
