// What the page shows lives in its address, so that a link shows a colleague the same thing.

const THEMES = ["light", "dark"];

/** Return {now, rule, device, theme} from the address; now and rule are null for "now" and "as published". */
export function read() {
  const query = new URLSearchParams(location.search);
  const now = Number(query.get("now"));
  return {
    now: Number.isSafeInteger(now) && now > 0 ? now : null,
    rule: query.get("rule") || null,
    device: query.get("device") === "desktop" ? "desktop" : "phone",
    theme: THEMES.includes(query.get("theme")) ? query.get("theme") : "system",
  };
}

/** Write it back without a new entry in the history; `published` is the rule that needs no mention. */
export function write(view, published) {
  const query = new URLSearchParams();
  if (view.now !== null) query.set("now", view.now);
  if (view.rule !== null && view.rule.trim() !== (published ?? "").trim()) query.set("rule", view.rule);
  if (view.device !== "phone") query.set("device", view.device);
  if (view.theme !== "system") query.set("theme", view.theme);
  const text = query.toString();
  const wanted = location.pathname + (text ? `?${text}` : "");
  if (wanted !== location.pathname + location.search) history.replaceState(null, "", wanted);
}
