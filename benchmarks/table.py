"""Print a table that reads well in a terminal and in Markdown."""

from __future__ import annotations

from collections.abc import Sequence


def show(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows of texts under their headers; the first column is aligned left, the others right."""
    lines = [headers, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(headers))]
    for at, line in enumerate(lines):
        first, *rest = zip(line, widths, strict=True)
        cells = [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in rest)]
        print(f"| {' | '.join(cells)} |")
        if at == 0:
            ends = ("-", *(":" for _ in rest))
            print(f"|{'|'.join('-' * (width + 1) + end for width, end in zip(widths, ends, strict=True))}|")
