// What the visitor allows: their answer, or until there is one what the page and the browser's signals say.

import type { Purpose } from "../lenticular";
import { option, preview } from "./options";
import { recall, remember } from "./store";

type Browser = Navigator & { globalPrivacyControl?: boolean };

const NAME = "lenticular_consent";

/** One digit by purpose: "10" is analytics without personalization. */
let answer = recall(NAME);

const signals = option("signals");
const asks =
  option("consent") === "ask" ||
  (signals?.includes("gpc") && (navigator as Browser).globalPrivacyControl) ||
  (signals?.includes("dnt") && navigator.doNotTrack === "1");

export const may = (): boolean => !!preview || (answer ? answer > "00" : !asks);
export const refused = (): boolean => answer === "00";

/** Take an answer; a purpose that it does not name stays as it was. */
export const take = (given: boolean | Partial<Record<Purpose, boolean>>): void => {
  const before = answer ?? (asks ? "00" : "11");
  answer = (["analytics", "personalization"] as const)
    .map((purpose, at) => +((typeof given === "object" ? given[purpose] : given) ?? +before[at]!))
    .join("");
};

/** Keep the answer, a refusal as well: it must not be asked for again. */
export const keep = (): void => {
  remember(NAME, answer!);
};

/** As Segment's messages say it. */
export const said = () =>
  answer && { categoryPreferences: { analytics: answer[0]! > "0", personalization: answer[1]! > "0" } };
