// Changes of the published rule that show something, each offered only where it applies.

const EXAMPLES = [
  { label: "Any age up to 65", of: (text) => text.replace(/(\.age\(\)\s*<)\s*\d+/, "$1 66") },
  { label: "Forget the Gold Card", of: (text) => text.replace(/\s*and\s+count\("Offer Viewed"[^)]*\)\s*==\s*0/, "") },
  { label: "Looked at checking twice", of: () => 'count("Page Viewed", path == "/checking", within="7d") >= 2' },
  { label: "Has $50,000 or more", of: () => "user.total_balance >= 50_000" },
  { label: "Everyone", of: () => "True" },
  { label: "A typing mistake", of: (text) => text.replace("birth_date", "birth_dat") },
];

/** Return [{label, text}] for a published rule. */
export function examples(published) {
  return EXAMPLES.map(({ label, of }) => ({ label, text: of(published) })).filter(({ text }) => text !== published);
}
