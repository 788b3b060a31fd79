"""Variants of pictures: smaller ones, in newer formats, for those that came since."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from lenticular.app.jobs.kind import Kind
from lenticular.app.jobs.run import Run
from lenticular.app.pictures.pictures import Pictures
from lenticular.errors import LenticularError, StoreError
from lenticular.jobs.job import Job
from lenticular.stores.codecs.encode import RECIPE

_SOME = 50
_log = logging.getLogger(__name__)


class PicturesKind(Kind):
    """The variants of a site's pictures, one picture after another; until then what everybody knows is sent."""

    name = "pictures"

    def __init__(self, sites: Mapping[str, Any], pictures: Pictures) -> None:
        self._sites, self._pictures = sites, pictures

    async def due(self, now: int) -> Sequence[Job]:
        """Return a job for each site that has pictures without variants."""
        return [Job(self.name, site) for site in sorted(self._pictures.waiting) if site in self._sites]

    async def run(self, run: Run) -> None:
        """Make variants until each picture has them; one that can't be read stops no other. Raises StoreError."""
        site, pictures, done, refused = run.job.site, self._pictures, 0, 0
        pictures.waiting.discard(site)
        try:
            while rows := await pictures.in_store(pictures.store.unmade, site, RECIPE, _SOME):
                for row in rows:
                    try:
                        await pictures.derive(row)
                        done += 1
                    except StoreError:
                        raise
                    except LenticularError as error:
                        _log.warning("A picture has no variants: %s.", error.codes, extra={"site": site})
                        await pictures.in_store(pictures.store.made, site, row.hash, RECIPE)
                        refused += 1
                    await run.progress(done + refused)
        except Exception:  # not one that was cancelled: it comes again with the next picture, or the next start
            pictures.waiting.add(site)
            raise
        run.results(pictures=done, refused=refused)
