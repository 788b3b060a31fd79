// Tells what it reads on stdin through Segment's library for Node: `tell_node.mjs PACKAGES HOST KEY OPTIONS`.
// Each line is a list of calls; when they are sent a line says what went wrong with them. `clockOff` is by how many
// milliseconds this machine's clock is wrong.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const [, , packages, host, writeKey, given] = process.argv;
const { clockOff = 0, ...options } = JSON.parse(given);

if (clockOff) {
  const Right = Date;
  globalThis.Date = class extends Right {
    constructor(...parts) {
      super(...(parts.length ? parts : [Right.now() + clockOff]));
    }
    static now() {
      return Right.now() + clockOff;
    }
  };
}

const require = createRequire(`${packages}/`);
const { Analytics } = require("@segment/analytics-node");
const { version } = require("@segment/analytics-node/package.json");

function revived(value) {
  if (Array.isArray(value)) return value.map(revived);
  if (value === null || typeof value !== "object") return value;
  if ("$date" in value) return new Date(value.$date);
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, revived(each)]));
}

const analytics = new Analytics({ writeKey, host, ...options });
let errors = [];
analytics.on("error", (error) => errors.push(String(error.reason ?? error.code)));
console.log(JSON.stringify(version));

for await (const line of createInterface({ input: process.stdin })) {
  const sent = JSON.parse(line).map(
    ({ call, ...rest }) => new Promise((done) => analytics[call](revived(rest), done)),
  );
  await analytics.flush({ timeout: 60_000 });
  await Promise.all(sent);
  console.log(JSON.stringify(errors));
  errors = [];
}
await analytics.closeAndFlush();
