"""A web property."""

from __future__ import annotations

from lenticular.catalog.definition import Definition


class Site(Definition, frozen=True):
    """A web property with its own pages and content.

    `timezone` is an IANA name and fixed once data exists. `write_key` is public: it sends events and asks
    for the decisions of the visitor it names. `secret_key` is for servers only; empty means that there is
    none.
    """

    key: str
    timezone: str
    write_key: str
    name: str = ""
    secret_key: str = ""
