// The bank's traffic coming in: a bar until all of it is there.

import { byId, say } from "./dom.js";
import { number } from "./format.js";

const REFRESH = 2500;
const AFTER = 12;

export class Traffic {
  /** `changed()` is called from time to time while people come in, and once at the end. */
  constructor(changed) {
    this.changed = changed;
    this.panel = byId("traffic");
    this.source = null;
    this.asked = 0;
    this.shown = false;
  }

  /** Show how far it is, and follow it until it is finished. */
  render(traffic) {
    if (!traffic) return;
    if (!traffic.finished && !this.source) this.follow();
    if (traffic.finished && !this.shown) return;
    this.shown = true;
    this.panel.hidden = false;
    this.panel.classList.toggle("done", traffic.finished);
    const part = traffic.eventsTotal ? Math.min(1, traffic.events / traffic.eventsTotal) : 0;
    const percent = traffic.finished ? 100 : Math.floor(100 * part);
    const meter = this.panel.querySelector(".meter");
    meter.setAttribute("aria-valuenow", percent);
    meter.firstElementChild.style.width = `${traffic.finished ? 100 : 100 * part}%`;
    const people = traffic.finished ? number(traffic.total) : `${number(traffic.done)} of ${number(traffic.total)}`;
    const events = traffic.finished ? number(traffic.events) : `${number(traffic.events)} of ${number(traffic.eventsTotal)}`;
    const words = traffic.finished
      ? `Four weeks of traffic are in: ${people} people, ${events} events.`
      : `Four weeks of traffic come in over HTTP: ${people} people, ${events} events.`;
    say(this.panel.querySelector("p"), words);
  }

  follow() {
    this.source = new EventSource("/demo/stream");
    this.source.addEventListener("traffic", (event) => {
      const traffic = JSON.parse(event.data);
      this.render(traffic);
      if (traffic.finished) {
        this.stop();
        this.settle(AFTER);
      }
      if (traffic.finished || performance.now() - this.asked > REFRESH) {
        this.asked = performance.now();
        this.changed();
      }
    });
    // The stream's own retry is silent; the question that follows tells whether the server is gone.
    this.source.addEventListener("error", () => {
      this.stop();
      setTimeout(() => this.changed(), 1000);
    });
  }

  /** What was accepted last reaches the counts a little later: ask a few times more. */
  settle(times) {
    if (times === 0) return;
    setTimeout(() => {
      this.changed();
      this.settle(times - 1);
    }, REFRESH);
  }

  stop() {
    this.source?.close();
    this.source = null;
  }
}
