"""Pictures that a site's live catalog names and that are not there: blocks are shown without them."""

from __future__ import annotations

from collections.abc import Callable

from lenticular.app.pictures.pictures import Pictures
from lenticular.app.site import LiveSite
from lenticular.catalog.picture import mentioned


def keep_lacking(site: LiveSite, pictures: Pictures) -> None:
    """Tell the renderer of a site what it lacks, now and whenever its catalog or its pictures change."""
    look = _look(site, pictures)
    look(site.key)
    site.on_published.append(lambda publication: look(site.key))
    pictures.on_change.append(look)


def _look(site: LiveSite, pictures: Pictures) -> Callable[[str], None]:
    lacking: frozenset[str] = frozenset()
    catalog, names = site.engine.catalog, mentioned(site.engine.catalog)

    def look(changed: str) -> None:
        nonlocal lacking, catalog, names
        if changed != site.key:
            return
        if catalog is not site.engine.catalog:
            catalog, names = site.engine.catalog, mentioned(site.engine.catalog)
        found = frozenset(one for one in names if not pictures.has(site.key, one))
        if found or lacking:
            site.engine.rendering().do_without(found)
        lacking = found

    return look
