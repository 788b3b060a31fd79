"""HTML as the tests look at it: whether it is well formed, and as a list of what it consists of."""

from __future__ import annotations

from html.parser import HTMLParser

VOID = frozenset({"br", "hr", "img", "input", "source", "wbr", "col"})


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.found: list[tuple[str, str, tuple[tuple[str, str], ...]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"<{tag}> has an attribute twice: {names}"
        pairs = tuple(sorted((name, value or "") for name, value in attrs))
        self.found.append(("<", tag, pairs))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        assert self.open and self.open[-1] == tag, f"</{tag}> closes {self.open[-1:]}"
        self.open.pop()
        self.found.append((">", tag, ()))

    def handle_data(self, data: str) -> None:
        if data.split():
            self.found.append(("text", " ".join(data.split()), ()))

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")


def parts(html: str) -> list[tuple[str, str, tuple[tuple[str, str], ...]]]:
    """Return the tags and texts of HTML; raises AssertionError for tags without end and attributes that are twice."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    assert not reader.open, f"{reader.open} stay open"
    return reader.found


def attributes(html: str, name: str) -> list[str]:
    """Return the values that an attribute has."""
    return [value for what, _, pairs in parts(html) if what == "<" for key, value in pairs if key == name]


def ids(html: str) -> list[str]:
    return attributes(html, "id")
