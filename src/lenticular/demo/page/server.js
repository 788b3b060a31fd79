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
    this.running?.abort();
    clearTimeout(this.timer);
    const mine = (this.running = new AbortController());
    this.again = () => this.ask(view, then);
    try {
      const state = await this.fetch(`/demo/state?${query}`, { signal: mine.signal });
      this.failures = 0;
      this.lost(null);
      if (this.running === mine) this.running = null;
      then(state);
    } catch (error) {
      if (mine.signal.aborted) return;
      if (this.running === mine) this.running = null;
      this.retry(error);
    }
  }

  /** Send something and return whether it arrived; what went wrong is said. */
  async post(path, body) {
    try {
      const headers = { "content-type": "application/json" };
      await this.fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
      return true;
    } catch (error) {
      this.lost(error.answered ? error.message : "No connection to the server; nothing was changed. Try again.");
      return false;
    }
  }

  /** Ask the last question again, at once. */
  now() {
    this.again?.();
  }

  async fetch(path, options) {
    const answer = await fetch(path, { ...options, cache: "no-store" });
    if (answer.ok) return answer.json();
    const problem = await answer.json().catch(() => ({}));
    const error = new Error(problem.message || problem.detail || `The server answered ${answer.status}.`);
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
