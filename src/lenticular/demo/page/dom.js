// Elements from data. Texts always become text nodes: nothing that came from outside is ever read as markup.

const SVG = "http://www.w3.org/2000/svg";

/** Return an element with attributes (`on…` are listeners, false and null are left out) and children. */
export function el(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** Return an SVG element. */
export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

/** Return the one element with an id. */
export function byId(id) {
  return document.getElementById(id);
}

/** Write a text only where it differs, so that a screen reader hears what changed. */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Return a small line drawing of 16 × 16. */
export function icon(path) {
  return svg("svg", { class: "i", viewBox: "0 0 16 16", "aria-hidden": "true" }, svg("path", { d: path }));
}

export const CLOCK = "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM8 4.800V8l2.2 1.5";

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}
