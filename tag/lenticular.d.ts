// Types of `window.lenticular`, the browser tag of Lenticular. Copy this file into a TypeScript project.

/** Why data of a visitor may be used. */
export type Purpose = "analytics" | "personalization";

/** What describes a person, an organization or an event. */
export type Values = Record<string, unknown>;

/** A content item of a decision. */
export interface Item {
  key: string;
  type: string;
  fields: Values;
}

/** A block of a page, in the order in which blocks stand. */
export interface Block {
  id: string;
  kind: string;
  settings: Values;
  parent: string | null;
  items: Item[];
  collection?: string;
  variation?: string;
  reason?: string;
}

/** What a page shows. */
export interface PagePart {
  path: string;
  experience: string | null;
  variant: string | null;
  reason: string;
  segment: string | null;
  blocks: Block[];
  html?: string;
}

/** What a slot shows; `block` is null where it is hidden. */
export interface SlotPart {
  experience: string | null;
  segment: string | null;
  block: { id: string; kind: string; settings: Values } | null;
  collection: string | null;
  variation: string | null;
  items: Item[];
  reason: string;
  html?: string;
}

/** The answer to "what should this visitor see here?". */
export interface Decision {
  id: string;
  page: PagePart | null;
  slots: Record<string, SlotPart>;
  segments: string[];
  cacheKey: string;
  cache: "private" | "shared";
}

/** What to decide: slots by key, a page by path. Without either: what the page has. */
export interface Wanted {
  slots?: string[];
  page?: string;
  /** Whether to put the answer into the page's elements; true unless said otherwise. */
  apply?: boolean;
}

/** What the tag offers. Nothing here throws; a call before the tag has loaded is made up for. */
export interface Lenticular {
  /** Say who this is. Without an id: more about whoever it is. With null they have signed out. */
  identify(userId: string | null, traits?: Values): Promise<void>;
  identify(traits: Values): Promise<void>;
  /** They look at a page. The tag says so by itself, unless `data-page-views="off"`. */
  page(name?: string, properties?: Values): Promise<void>;
  /** They did something. */
  track(event: string, properties?: Values): Promise<void>;
  /** They belong to an organization. */
  group(groupId: string, traits?: Values): Promise<void>;
  /** Two ids are one person; `previousId` is this browser's unless it is given. */
  alias(userId: string, previousId?: string): Promise<void>;
  /** What they allow: everything, nothing, or by purpose; a purpose that is left out stays as it was. */
  consent(answer: boolean | Partial<Record<Purpose, boolean>>): Promise<void>;
  /** Decide again, now; undefined if no answer could be had or none is wanted. */
  decide(wanted?: Wanted): Promise<Decision | undefined>;
}

declare global {
  interface Window {
    lenticular: Lenticular;
  }
  interface DocumentEventMap {
    /** A decision has come and is in the page. */
    "lenticular:decision": CustomEvent<Decision>;
  }
  const lenticular: Lenticular;
}
