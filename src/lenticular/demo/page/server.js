// Asking the server. One question at a time: a newer one cancels the older. A lost connection is said, and retried.

const WAITS = [1, 2, 4, 8, 15];

export class Server {
  /** `lost(text | null)` says what is wrong, or that all is well again. */
  constructor(lost) {
    this.lost = lost;
    this.failures = 0;
    this.running = null;
    this.timer = 0;
  }

  /** Whether a question is on its way. */
  get busy() {
    return this.running !== null;
  }

  /** Ask for the state of a view and give it to `then`; keeps trying until it is there or another question comes. */
  async ask(view, then) {
    const query = new URLSearchParams();
    if (view.now !== null) query.set("now", view.now);
    if (view.rule !== null) query.set("rule", view.rule);
    this.again = () => this.ask(view, then);
    const failed = await this.only(`/demo/state?${query}`, {}, then);
    if (failed) this.retry(failed);
  }

  /** Send something, give the state that comes back to `then`, and return whether it arrived. It is sent once. */
  async post(path, body, then) {
    const headers = { "content-type": "application/json" };
    const failed = await this.only(path, { method: "POST", headers, body: JSON.stringify(body) }, then);
    if (failed) this.lost(failed.answered ? failed.message : "No connection to the server; nothing was changed.");
    return !failed;
  }

  /** Ask the last question again, at once. */
  now() {
    this.again?.();
  }

  /** Fetch a state as the only question there is; return what went wrong, if something did. */
  async only(path, options, then) {
    this.running?.abort();
    clearTimeout(this.timer);
    const mine = (this.running = new AbortController());
    try {
      const state = await this.fetch(path, { ...options, signal: mine.signal });
      if (mine.signal.aborted) return null;
      this.running = null;
      this.failures = 0;
      this.lost(null);
      then(state);
      return null;
    } catch (error) {
      if (mine.signal.aborted) return null;
      this.running = null;
      return error;
    }
  }

  async fetch(path, options) {
    const answer = await fetch(path, { ...options, cache: "no-store" });
    if (answer.ok) return answer.json();
    const problem = await answer.json().catch(() => ({}));
    const error = new Error(problem.title || `The server answered ${answer.status}.`);
    error.answered = true;
    throw error;
  }

  retry(error) {
    const wait = WAITS[Math.min(this.failures++, WAITS.length - 1)];
    const what = error.answered ? error.message : "No connection to the server.";
    this.lost(`${what} Trying again in ${wait} s.`);
    this.timer = setTimeout(() => this.now(), wait * 1000);
  }
}
