// Decisions go into the page's elements.

import type { Decision } from "../lenticular";
import { DECIDED, PLACES, SLOT } from "./marks";
import { safe } from "./safe";

interface Policy {
  createHTML(html: string): string;
}
interface TrustedTypes {
  createPolicy(name: string, rules: Policy): Policy;
}

// The server cleans what it renders; with `require-trusted-types-for 'script'` a page lets the policy `lenticular` say so.
const policy = safe(() =>
  (window as { trustedTypes?: TrustedTypes }).trustedTypes?.createPolicy("lenticular", { createHTML: (html) => html }),
)();

/** Every decision of this page by its id, for what impressions say. */
export const decisions: Record<string, Decision> = {};

/** What this view shows: the decision by slot key, and that of the page. */
export const answers = new Map<string, Decision>();
export const WHOLE = "/"; // no slot is called so

/** The decision that an element has seen, whether or not it was put in. */
const done = new WeakMap<Element, string>();
const shown = new WeakMap<Element, string>();

/** The elements to fill, but for those that a server has filled; and what each shows. */
export const places = (): [HTMLElement, string][] =>
  [...document.querySelectorAll<HTMLElement>(PLACES)]
    .filter((element) => done.has(element) || !element.hasAttribute(DECIDED))
    .map((element) => [element, element.getAttribute(SLOT) ?? WHOLE]);

const fill = safe((element: HTMLElement, id: string, html: string | undefined, late: boolean) => {
  if (done.get(element) === id) return;
  done.set(element, id);
  element.setAttribute(DECIDED, id);
  if (html === undefined || (late && element.innerHTML.trim())) return; // what is seen already stays
  if (shown.get(element) !== html) element.innerHTML = policy ? policy.createHTML(html) : html;
  shown.set(element, html);
  element.hidden = !html;
});

/** Fill what has an answer; a late one goes only where nothing is shown. */
export const apply = (late: boolean): void => {
  for (const [element, key] of places()) {
    const decision = answers.get(key);
    const slot = decision?.slots[key];
    // Without a block there is nothing to show; without HTML it could not be rendered, and what the page has is shown.
    const html = slot?.block === null ? "" : (slot ?? decision?.page)?.html || undefined;
    if (decision) fill(element, decision.id, html, late);
  }
};
