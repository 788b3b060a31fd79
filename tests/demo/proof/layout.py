"""What a page looks like, as numbers: its blocks in the order in which they are seen, and where."""

from __future__ import annotations

from typing import Any, NamedTuple

from playwright.sync_api import Page

_BLOCKS = """() => [...document.querySelectorAll("main [data-lenticular-block]")].map((one) => {
  const box = one.getBoundingClientRect();
  return [one.dataset.lenticularBlock, one.dataset.lenticularKind, Math.round(box.x), Math.round(box.y + scrollY),
          Math.round(box.width), Math.round(box.height)];
})"""


class Seen(NamedTuple):
    """A block, and where it is, in CSS pixels."""

    block: str
    kind: str
    x: int
    y: int
    width: int
    height: int


def blocks(page: Page) -> dict[str, Seen]:
    """Return the blocks of a page that can be seen, from top to bottom, from left to right."""
    found = [Seen(*one) for one in page.evaluate(_BLOCKS)]
    return {one.block: one for one in sorted(found, key=lambda one: (one.y, one.x)) if one.width and one.height}


def order(page: Page) -> list[str]:
    """Return the ids of the blocks as they are seen."""
    return list(blocks(page))


def side_by_side(one: Seen, other: Seen) -> bool:
    """Return whether two blocks share a row."""
    return one.y == other.y and (one.x + one.width <= other.x or other.x + other.width <= one.x)


def decision(page: Page) -> dict[str, Any]:
    """The decision that the page carries."""
    found: dict[str, Any] = page.evaluate("JSON.parse(document.getElementById('lenticular-decision').textContent)")
    return found
