// The bank's own drawings, by name. Stripes are the bank's style too.

import { svg } from "./dom.js";

// ground, dark stripe, light stripe, figure
const ART = {
  cap: ["#e6eef8", "#1f4f8f", "#b4cbe8", "M28 44l72-27 72 27-72 27zM60 62v18c22 13 58 13 80 0V62l-40 15zM160 50h4v30h-4z"],
  bars: ["#ece9e0", "#54482a", "#d3c9ab", "M34 92V66h28v26zM70 92V50h28v42zM106 92V34h28v58zM142 92V16h28v76z"],
  sun: ["#f8ece0", "#9a4f1a", "#ecc9a6", "M40 78a60 60 0 0 1 120 0zM20 82h160v5H20z"],
  ring: ["#e3f0ea", "#1d6a4c", "#aed5c2", "M100 12a38 38 0 1 0 0 76 38 38 0 0 0 0-76zm0 17a21 21 0 1 1 0 42 21 21 0 0 1 0-42z"],
  rings: ["#ece9f5", "#4b3d8f", "#c9c1e6", "M82 14a36 36 0 1 0 0 72 36 36 0 0 0 0-72zM118 14a36 36 0 1 0 0 72 36 36 0 0 0 0-72z"],
};
const HILLS = "M0 62C50 30 80 95 130 55S180 30 200 40V100H0z";

const ICONS = {
  cap: ["#e6eef8", "M6 8l7-3 7 3-7 3zM9.500 9.800v2.400c2 1.200 5 1.200 7 0V9.800"],
  plane: ["#e3f0ea", "M5 13l16-8M13 9l-4-3"],
  chart: ["#ece9e0", "M6 13l4-4 3 2 6-6"],
  plus: ["#ece9f5", "M13 5v8M9 9h8"],
  sun: ["#f8ece0", "M7 13a6 6 0 0 1 12 0M5 13h16"],
  check: ["#e3f0ea", "M8 9l3 3 6-6"],
  pot: ["#e6eef8", "M8 7h10l-1.500 6h-7zM13 3v2"],
  card: ["#f3e7c8", "M7 5h12v8H7zM7 8h12"],
  car: ["#ece9f5", "M6 11h14M8 11l2-4h6l2 4M9 13h.01M17 13h.01"],
};
const OTHER = ["#eef0f4", "M8 9h10"];

let drawn = 0;

/** Return a hero's picture; an unknown name gives the hills alone. */
export function art(name) {
  const [ground, dark, light, figure] = Object.hasOwn(ART, name) ? ART[name] : ["#eef0f4", "#4c5770", "#d5d9e2", ""];
  const id = `art${++drawn}`;
  const stripes = (suffix, x, fill) =>
    svg(
      "pattern",
      { id: id + suffix, width: 4, height: 4, patternUnits: "userSpaceOnUse" },
      svg("path", { d: `M${x} 0h2v4h-2z`, fill }),
    );
  return svg(
    "svg",
    { viewBox: "0 0 200 100", preserveAspectRatio: "xMidYMid slice", "aria-hidden": "true" },
    svg("defs", {}, stripes("d", 0, dark), stripes("l", 2, light)),
    svg("path", { fill: ground, d: "M0 0h200v100H0z" }),
    svg("path", { fill: `url(#${id}l)`, d: HILLS }),
    figure && svg("path", { class: "figure", fill: `url(#${id}d)`, "fill-rule": "evenodd", d: figure }),
  );
}

/** Return an offer's icon; an unknown name gives a dash. */
export function badge(name) {
  const [ground, line] = Object.hasOwn(ICONS, name) ? ICONS[name] : OTHER;
  return svg(
    "svg",
    { viewBox: "0 0 26 18", preserveAspectRatio: "xMidYMid slice", "aria-hidden": "true" },
    svg("path", { fill: ground, d: "M-40-20h106v58H-40z" }),
    svg("path", { fill: "none", stroke: "#1f3056", "stroke-width": "1.3", "stroke-linecap": "round", "stroke-linejoin": "round", d: line }),
  );
}
