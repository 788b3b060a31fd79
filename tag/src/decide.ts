// What should they see here? One question for all that a page has.

import type { Decision, Wanted } from "../lenticular";
import { may } from "./allowed";
import { answers, apply, decisions, places, WHOLE } from "./apply";
import { hide, LIMIT } from "./hide";
import { PAGE } from "./marks";
import { track } from "./messages";
import { option, preview } from "./options";
import { post } from "./post";
import { later, parsed } from "./safe";
import { watch } from "./seen";
import { anonymousId, around, here, userId } from "./who";

/** Counts the views of a single-page site: an answer for an earlier one comes too late. */
let turn = 0;
/** What was asked for in this view. */
const requested = new Set<string>();
/** Whether elements that come from now on are asked for by themselves. */
let goesOn = false;

const ask = async ({ slots, page }: Wanted): Promise<Decision | undefined> => {
  const { locale, ...context } = around();
  const whom = preview ? { preview } : { anonymousId: anonymousId(), userId: userId() };
  const who = { site: option("site"), locale: option("locale") ?? locale, ...whom };
  const where = { ...context, url: location.href, referrer: here.from };
  const answer = await post("/v1/decide", JSON.stringify({ ...who, slots, page, render: true, context: where }));
  return answer.ok ? answer.json() : undefined;
};

/** The decision that the server has put into the page. */
const embedded = (): Decision | null =>
  JSON.parse(document.getElementById("lenticular-decision")?.textContent ?? "null");

/** What the page has, and what its script says that it will have, that was not asked for yet. */
const found = (): Wanted | undefined => {
  const keys = places()
    .map(([, key]) => key)
    .concat((option("slots") ?? "").split(/[\s,]+/))
    .filter((key) => key && !requested.has(key) && requested.add(key));
  const slots = keys.filter((key) => key !== WHOLE);
  const path = document.querySelector(`[${PAGE}]`)?.getAttribute(PAGE);
  return keys[0] ? { slots, ...(slots.length < keys.length && { page: path || location.pathname }) } : undefined;
};

const took = (decision: Decision, late: boolean): void => {
  for (const key in decision.slots) answers.set(key, decision);
  if (decision.page) answers.set(WHOLE, decision);
  apply(late);
  watch();
  document.dispatchEvent(new CustomEvent("lenticular:decision", { detail: decision }));
};

/** Ask, and show the answer unless they have gone on meanwhile. Nothing stays hidden for longer than the limit. */
const run = async (given?: Wanted, isFirst?: boolean): Promise<Decision | undefined> => {
  const mine = turn;
  let late = false;
  let asked: Wanted | undefined;
  const record = () => late && asked && track("Decision Timed Out", { limit: LIMIT, ...asked });
  hide(true);
  const timer = later(() => {
    late = true;
    hide(false);
    record();
  }, LIMIT);
  try {
    if (!given && !option("slots")) await parsed;
    let decision = (isFirst && embedded()) || undefined;
    goesOn = !decision;
    if (!decision) {
      asked = given ?? found();
      record();
      decision = asked && (await ask(asked));
    }
    if (decision) {
      decisions[decision.id] = decision;
      if (mine === turn && given?.apply !== false) took(decision, late);
    }
    return decision;
  } catch {
    return undefined; // no answer: the page shows what it has
  } finally {
    clearTimeout(timer);
    hide(false);
  }
};


/** Decide what this view of the page shows. The first may be decided already, by the server that made the page. */
export const decideView = async (isFirst?: boolean): Promise<Decision | undefined> => {
  ++turn;
  goesOn = false;
  requested.clear();
  answers.clear();
  if (option("decide") !== "off" && may()) return run(undefined, isFirst);
};

/** Decide once more: what is wanted, or all that the page has. */
export const decide = async (wanted?: Wanted): Promise<Decision | undefined> => {
  if (may()) return wanted?.slots || wanted?.page ? run(wanted) : decideView();
};

/** What comes into the page later is filled, too, and asked for if it must be. */
export const look = (): void => {
  apply(false);
  watch();
  const wanted = goesOn && may() ? found() : undefined;
  if (wanted) void run(wanted);
};
