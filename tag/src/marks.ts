// The attributes by which a page and its tag know each other.

export const SLOT = "data-lenticular-slot";
export const PAGE = "data-lenticular-page";
export const DECIDED = "data-lenticular-decision";

/** What can be filled, outside of what a server has filled already. */
export const PLACES = `:is([${SLOT}],[${PAGE}]):not([${DECIDED}] *)`;
