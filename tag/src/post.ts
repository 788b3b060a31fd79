// One way to the server: text, which a browser sends to another origin without asking beforehand.

import { host } from "./options";

export const post = (path: string, body: string): Promise<Response> =>
  fetch(host + path, { method: "POST", body, signal: AbortSignal.timeout?.(2e4) ?? null });
