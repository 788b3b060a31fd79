"""How often items were seen and clicked, as counted in the log some minutes ago."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lenticular.catalog.collection import Collection
from lenticular.catalog.query import Query

Counted = tuple[str, int]
"""What is counted, `viewed` or `clicked`, and in how many days."""
Popular = Mapping[Counted, Mapping[str, int]]
"""How often, by item; an item that is not there has 0."""
UNCOUNTED: Popular = {}


def queries_of(collection: Collection) -> Iterator[Query]:
    """Yield the queries of a collection."""
    for query in (*(one.query for one in collection.variations), collection.query):
        if query is not None:
            yield query


def counted_by(collection: Collection) -> frozenset[Counted]:
    """Return what must be counted to put a collection's items in order."""
    return frozenset(
        counted for query in queries_of(collection) for sort in query.sort if (counted := sort.counted) is not None
    )
