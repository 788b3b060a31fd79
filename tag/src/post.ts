// One way to the server: text, which a browser sends to another origin without asking beforehand.

import { host } from "./options";

/** Post a body; `keepalive` lets it outlive the page. */
export const post = (path: string, body: string, keepalive = false): Promise<Response> =>
  fetch(host + path, { method: "POST", body, keepalive, signal: AbortSignal.timeout?.(2e4) ?? null });
