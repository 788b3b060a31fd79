// Messages on their way. Each is one entry of localStorage until the server has said 200: a reload, a crash or another
// tab can't lose it, and what is sent twice counts once (messageId). Tabs take turns where the browser has locks.

import { option } from "./options";
import { post } from "./post";
import { later, on } from "./safe";
import { drop, get, names, put } from "./store";
import { around } from "./who";

const START = "lenticular~";
const MOST = 200; // messages that wait
const MOST_SIZE = 250_000; // characters
const BATCH = 50;
const BATCH_SIZE = 60_000; // what may outlive a page is 64 KB

let count = 0;
let most = BATCH;
let failures = 0;
let timer = 0;
const leaving: (() => void)[] = [];
let sent = "";

const said = (name: string): string => get(name) ?? "";

/** Put a message in the queue; the oldest give way. */
export const enqueue = (message: object): void => {
  put(`${START}${Date.now()}~${1e5 + count++}~${Math.random()}`, JSON.stringify(message));
  let size = 0;
  names(START)
    .reverse()
    .forEach((name, at) => {
      size += said(name).length;
      if (at >= MOST || size > MOST_SIZE) drop(name);
    });
  soon(300);
};

/** Forget what waits. */
export const empty = (): void => names(START).forEach(drop);

const first = (after = ""): string[] => {
  let size = 0;
  return names(START)
    .filter((name) => name > after)
    .slice(0, most)
    .filter((name, at) => (size += said(name).length) < BATCH_SIZE || !at);
};

const body = (batch: string[]): string => {
  const head = { writeKey: option("writeKey"), sentAt: new Date(), context: around() };
  return `${JSON.stringify(head).slice(0, -1)},"batch":[${batch.map(said)}]}`;
};

const PATH = "/v1/batch";

/** Send what waits in a moment, or when it is time to try again. */
export const soon = (ms: number): void => {
  timer ||= later(() => {
    timer = 0;
    const locks = navigator.locks as LockManager | undefined;
    const done = locks
      ? locks.request("lenticular", { ifAvailable: true }, (lock) => (lock ? send() : 1000))
      : send();
    void done.then((wait) => {
      if (wait) soon(wait);
    }, console.debug);
  }, ms);
};

/** Send one batch; how long to wait until the next, 0 if nothing is left. */
const send = async (): Promise<number> => {
  const batch = first();
  if (!batch.length) return 0;
  let status = 0;
  let after = 0;
  try {
    const answer = await post(PATH, body(batch));
    status = answer.status;
    after = +(answer.headers.get("retry-after") ?? 0);
  } catch {} // no network
  if (!status || status === 408 || status === 429 || status > 499) {
    return Math.min(after * 1000 || 1000 * 2 ** failures++, 3e5) * (1 + Math.random() / 4);
  }
  failures = 0;
  if (status === 400 && batch.length > 1) most = batch.length >> 1; // one is refused, and it alone is given up
  else {
    most = BATCH;
    batch.forEach(drop);
  }
  return first().length;
};

/** Do something first when the page is left. */
export const onLeave = (run: () => void): void => {
  leaving.push(run);
};

/** Send what waits, in a way that outlives the page. It stays in the queue until an answer is seen. */
export const farewell = (): void => {
  const batch = first(sent);
  if (!batch.length) return;
  sent = batch[batch.length - 1]!;
  post(PATH, body(batch), true).then((answer) => answer.ok && batch.forEach(drop), console.debug);
};

/** Begin to listen for when the page is left, and when the network is back. */
export const listen = (): void => {
  const left = () => {
    leaving.forEach((run) => run());
    farewell();
  };
  on(window, "pagehide", left);
  on(document, "visibilitychange", () => document.hidden && left());
  on(window, "online", () => {
    clearTimeout(timer);
    timer = failures = 0;
    soon(1);
  });
  soon(300); // what an earlier page has left
};
