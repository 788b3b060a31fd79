// From a call to a message: with its id, its moment and its page. What may not be kept yet is held, and bounded.

import { may, refused } from "./allowed";
import { preview } from "./options";
import { enqueue } from "./queue";
import { anonymousId, newId, page, userId } from "./who";

const MOST_HELD = 100;
let held: object[] = [];
let begun = false;

/** Take a message of a type; `id` makes one that counts once whoever tells it. */
export const message = (type: string, fields: object, id = newId()): void => {
  if (preview || refused()) return;
  const made = {
    type,
    messageId: id,
    timestamp: new Date(),
    userId: userId(),
    context: { page: page() },
    ...fields,
  };
  if (begun && may()) enqueue({ anonymousId: anonymousId(), ...made });
  else if (held.length < MOST_HELD) held.push(made);
};

export const track = (event: string, properties?: object, id?: string): void =>
  message("track", { event, properties }, id);

/** Let go of what was held. */
export const release = (): void => {
  begun = true;
  held.forEach((made) => enqueue({ anonymousId: anonymousId(), ...made }));
  held = [];
};

export const discard = (): void => {
  held = [];
};
