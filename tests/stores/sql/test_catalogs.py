"""Any catalog can follow any other: what is published is what is live, whatever was there before."""

from __future__ import annotations

import itertools

import msgspec
from hypothesis import HealthCheck, given, settings

from lenticular.app.changes import changes_to
from lenticular.catalog.catalog import Catalog
from lenticular.catalog.compose import compose
from lenticular.catalog.stored import Search, Stored
from lenticular.stores.sql.catalog import SqlCatalogs
from tests.catalog.drawn import catalogs as drawn
from tests.stores.sql.kept import nothing, publishing

_numbers = itertools.count()


def known(catalogs: SqlCatalogs, site: str) -> list[Stored]:
    return [one for state in ("", "deleted") for one in catalogs.definitions(site, Search(state=state, limit=1_000))]


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn(), drawn(), drawn())
def test_a_catalog_follows_another(catalogs: SqlCatalogs, first: Catalog, second: Catalog, third: Catalog) -> None:
    site, ids = f"site{next(_numbers)}", itertools.count()
    seen: dict[tuple[str, str], str] = {}
    for at, one in enumerate((first, second, third, first)):
        wanted = msgspec.structs.replace(one, site=msgspec.structs.replace(one.site, key=site))
        live = catalogs.live(site)
        changes = changes_to(wanted, live, known(catalogs, site), lambda: f"{site}-{next(ids)}")
        if live is not None:
            assert compose(live.catalog, live.revisions, changes) == wanted
        if changes:
            catalogs.publish(site, publishing(*changes, at=at), nothing)
        live = catalogs.live(site)
        assert live is not None and live.catalog == wanted and live.catalog.revision == wanted.revision
        for name, (identity, number) in live.revisions.items():
            assert seen.setdefault(name, identity) == identity  # what comes back is what it was
            newest = catalogs.revision(identity, number)
            assert newest is not None and newest.state == "live"
        assert changes_to(wanted, live, known(catalogs, site), str) == ()
