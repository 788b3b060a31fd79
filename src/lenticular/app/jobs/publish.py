"""Scheduled publications: what is planned is published when it is due."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lenticular.app.jobs.kind import Kind
from lenticular.app.jobs.run import Run
from lenticular.app.planned import is_outrun, publish_planned
from lenticular.app.site import LiveSite
from lenticular.errors import ConflictError, StoreError
from lenticular.jobs.job import Job


class PublishKind(Kind):
    """A publication at its moment. It is planned in its own row; a job comes about when that is due."""

    name = "publish"
    stoppable = False

    def __init__(self, sites: Mapping[str, LiveSite]) -> None:
        self._sites = sites

    async def due(self, now: int) -> Sequence[Job]:
        """Return what is planned and due, the earliest first. Raises StoreError."""
        found = next(iter(self._sites.values()), None)
        if found is None:
            return ()
        planned = await found.in_store(found.stores.catalogs.due, now)
        return [
            Job(self.name, one.site, str(one.id), author=one.author, due=one.due or now)
            for one in planned
            if one.site in self._sites
        ]

    async def run(self, run: Run) -> None:
        """Publish it, if it is still planned. Raises CatalogError, ConflictError."""
        site = self._sites[run.job.site]
        planned = await site.in_store(site.stores.catalogs.publication, site.key, int(run.job.key))
        if planned is None or planned.state != "planned":
            return
        try:
            await publish_planned(site, planned)
        except ConflictError as error:
            if is_outrun(error):  # another process was faster with something else: it is looked at again
                raise StoreError(*error.problems) from None
            raise
