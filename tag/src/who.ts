// Who it is, and where: the ids, and what goes along with every message.

import { may, said } from "./allowed";
import { drop, get, put, recall, remember } from "./store";

const ANONYMOUS = "lenticular_id";
const USER = "lenticular_user";

/** 128 random bits; `crypto.randomUUID` needs https. */
export const newId = (): string => crypto.getRandomValues(new Uint32Array(4)).join("-");

let user: string | undefined;
export const userId = (): string | undefined => user ?? get(USER);

/** This browser's id; each use makes its cookie last longer. */
export const anonymousId = (): string => {
  const id = recall(ANONYMOUS) ?? newId();
  remember(ANONYMOUS, id);
  return id;
};

/** Know a user; on disk, too, where that is allowed. */
export const know = (id = user): void => {
  user = id;
  if (id && may()) put(USER, id);
};

export const forget = (): void => {
  user = undefined;
  drop(USER);
  remember(ANONYMOUS, "", 0);
};

/** The page as of now. `from` is where they came from: in a single-page site the address before. */
export const here = { from: document.referrer };
export const page = (): Record<string, string> => ({
  url: location.href,
  path: location.pathname,
  search: location.search,
  title: document.title,
  referrer: here.from,
});

/** The rest, which is the same for all messages of a batch. */
export const around = (): Record<string, unknown> => ({
  locale: navigator.language,
  timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  screen: { width: screen.width, height: screen.height },
  consent: said(),
});
