// What the tag remembers: in localStorage and, of the little that a server may need, in a first-party cookie.
// Where neither can be had, it is remembered until the page is left. Nothing is written before it may be.

import { option } from "./options";
import { safe } from "./safe";

let disk: Record<string, string> = safe(() => localStorage)() ?? {};

export const put = (name: string, value: string): void => {
  try {
    disk[name] = value;
  } catch {
    disk = { ...disk, [name]: value }; // no room: go on in memory
  }
};

export const get = (name: string): string | undefined => disk[name];

export const drop = (name: string): void => {
  delete disk[name];
};

/** The names that begin so, sorted. */
export const names = (start: string): string[] =>
  Object.keys(disk)
    .filter((name) => name.startsWith(start))
    .sort();

/** Keep something in the cookie, too; browsers allow 400 days. Without seconds it is forgotten. */
export const remember = safe((name: string, value: string, seconds = 34560000) => {
  if (seconds) put(name, value);
  else drop(name);
  const domain = option("cookieDomain");
  const where = (domain ? ";domain=" + domain : "") + (location.protocol === "https:" ? ";secure" : "");
  document.cookie = `${name}=${value};path=/;max-age=${seconds};samesite=lax${where}`;
});

export const recall = (name: string): string | undefined =>
  safe(() => document.cookie.match(`(?:^|; )${name}=([^;]+)`)?.[1])() ?? get(name);
