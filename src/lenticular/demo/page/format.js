// Numbers and times in words; times always in the site's zone.

const grouped = new Intl.NumberFormat("en");
const short = new Map();

export function number(value) {
  return grouped.format(value);
}

/** `3.1 %` of a whole; `0 %` of nothing. */
export function share(part, whole) {
  const percent = whole ? (100 * part) / whole : 0;
  return `${percent.toFixed(percent < 10 ? 1 : 0)} %`;
}

/** `+412` or `−38`, with a real minus. */
export function signed(value) {
  return value < 0 ? `−${number(-value)}` : `+${number(value)}`;
}

/** `Mon 23 Nov, 14:32`. */
export function moment(instant, zone) {
  const part = parts(instant, zone, { weekday: "short", day: "numeric", month: "short", hour: "numeric", minute: "2-digit", hourCycle: "h23" });
  return `${part.weekday} ${part.day} ${part.month}, ${Number(part.hour)}:${part.minute}`;
}

/** `14:32`. */
export function time(instant, zone) {
  const part = parts(instant, zone, { hour: "numeric", minute: "2-digit", hourCycle: "h23" });
  return `${Number(part.hour)}:${part.minute}`;
}

/** `30 Nov`. */
export function day(instant, zone) {
  const part = parts(instant, zone, { day: "numeric", month: "short" });
  return `${part.day} ${part.month}`;
}

/** `Ana`, `Ana and Lena`, `Ana, Lena and Thomas`. */
export function list(names) {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

function parts(instant, zone, options) {
  const key = `${zone} ${Object.keys(options)}`;
  if (!short.has(key)) short.set(key, new Intl.DateTimeFormat("en-GB", { ...options, timeZone: zone }));
  return Object.fromEntries(short.get(key).formatToParts(new Date(instant)).map((part) => [part.type, part.value]));
}
