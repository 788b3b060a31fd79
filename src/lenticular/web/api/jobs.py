"""What the admin API answers about jobs: of a site, or of the whole installation."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Controller, Request, get, post
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide
from litestar.params import JSONBody, Parameter, QueryParameter
from litestar.response import File

from lenticular.app.jobs.export import ExportKind, file_of, order_of
from lenticular.app.jobs.loop import Jobs
from lenticular.app.jobs.view import JobInfo, told
from lenticular.app.open import Installation
from lenticular.errors import LenticularError, Problem
from lenticular.jobs.job import State as JobState
from lenticular.jobs.job import WantedJobs
from lenticular.web.api.audit import Before
from lenticular.web.api.author import By, author_of
from lenticular.web.api.paging import page_size
from lenticular.web.api.record import note
from lenticular.web.api.segments import Limit
from lenticular.web.api.sites import SiteKey

JobId = Annotated[int, Parameter(description="The id of a job.")]
OfKind = Annotated[str, QueryParameter(name="kind", description="Only those of a kind.")]
InState = Annotated[JobState | None, QueryParameter(name="in", description="Only those in a state.")]
OfSite = Annotated[
    str | None, QueryParameter(name="site", description="Only those of a site; empty: of the installation.")
]
_LARGEST = (1 << 63) - 1


class JobPage(msgspec.Struct, frozen=True):
    """Jobs, the newest first; `next` is where the next page begins, null at the end."""

    jobs: list[JobInfo]
    next: int | None


class NewJob(msgspec.Struct, frozen=True):
    """A job to do: its kind, and what its kind wants to know."""

    kind: str
    arguments: dict[str, Any] = {}


class _Page(msgspec.Struct, frozen=True):
    kind: str
    state: JobState | None
    before: int | None
    limit: int


def page_of(kind: OfKind = "", state_: InState = None, before: Before = None, limit: Limit = 100) -> _Page:
    """Return which jobs a request asks for."""
    return _Page(kind, state_, None if before is None else max(-1, min(before, _LARGEST)), page_size(limit))


class JobsController(Controller):
    """The jobs of the whole installation."""

    path = "/api/jobs"
    tags = ("Jobs",)
    dependencies = {  # noqa: RUF012  # Litestar's form
        "author": Provide(author_of),
        "page": Provide(page_of, sync_to_thread=False),
    }

    @get("/", summary="All jobs")
    async def jobs(self, state: State, page: NamedDependency[_Page], site: OfSite = None) -> JobPage:
        """List jobs of all sites, the newest first."""
        return await _page(state, site, page)

    @post("/", summary="Have a job done", status_code=200)
    async def begin(self, state: State, data: JSONBody[NewJob], author: By) -> JobInfo:
        """Have a job of the installation done: `purge`. If the same is under way, that is returned."""
        return told(await _jobs(state).ask_by_hand(data.kind, "", data.arguments, author))

    @get("/{job:int}", summary="A job")
    async def job(self, state: State, job: JobId) -> JobInfo:
        """Return a job of any site."""
        return told(await _jobs(state).job(_id(job)))

    @post("/{job:int}/cancel", summary="Cancel a job", status_code=200)
    async def cancel(self, state: State, job: JobId) -> JobInfo:
        """Cancel a job that waits or runs; what it did so far stays."""
        return told(await _jobs(state).cancel(_id(job)))

    @post("/{job:int}/retry", summary="Run a job again", status_code=200)
    async def retry(self, state: State, job: JobId) -> JobInfo:
        """Let a job wait again that failed or was cancelled."""
        return told(await _jobs(state).again(_id(job)))


class SiteJobsController(Controller):
    """The jobs of a site."""

    path = "/api/sites/{key:str}/jobs"
    tags = ("Jobs",)
    dependencies = JobsController.dependencies

    @get("/", summary="The jobs of a site")
    async def jobs(self, state: State, key: SiteKey, page: NamedDependency[_Page]) -> JobPage:
        """List jobs, the newest first."""
        return await _page(state, _key(state, key), page)

    @post("/", summary="Have a job done at a site", status_code=200)
    async def begin(
        self, state: State, key: SiteKey, data: JSONBody[NewJob], author: By, request: Request[Any, Any, Any]
    ) -> JobInfo:
        """Have an `export`, `retention` or `segment-sizes` done. If the same is under way, that is returned."""
        found = await _jobs(state).ask_by_hand(data.kind, _key(state, key), data.arguments, author)
        note(request, str(found.id), f"began the job {found.id} ({found.kind})")
        return told(found)

    @get("/{job:int}", summary="A job of a site")
    async def job(self, state: State, key: SiteKey, job: JobId) -> JobInfo:
        """Return a job."""
        return told(await _jobs(state).job(_id(job), _key(state, key)))

    @post("/{job:int}/cancel", summary="Cancel a job of a site", status_code=200)
    async def cancel(self, state: State, key: SiteKey, job: JobId) -> JobInfo:
        """Cancel a job that waits or runs; what it did so far stays."""
        return told(await _jobs(state).cancel(_id(job), _key(state, key)))

    @post("/{job:int}/retry", summary="Run a job of a site again", status_code=200)
    async def retry(self, state: State, key: SiteKey, job: JobId) -> JobInfo:
        """Let a job wait again that failed or was cancelled."""
        return told(await _jobs(state).again(_id(job), _key(state, key)))

    @get("/{job:int}/file", summary="The file of an export", media_type="application/octet-stream")
    async def file(self, state: State, key: SiteKey, job: JobId) -> File:
        """Return what an export wrote, as long as it is kept."""
        found = await _jobs(state).job(_id(job), _key(state, key))
        path = file_of(_sites(state).site(key), found)
        if found.kind != ExportKind.name or found.state != "done" or not path.is_file():
            hint = "Files are there once an export is done, and for some days."
            raise LenticularError(Problem("job-file.unknown", "This job has no file.", hint=hint))
        order = order_of(found.arguments)
        return File(path, filename=order.file, media_type=order.media)


async def _page(state: State, site: str | None, page: _Page) -> JobPage:
    found = await _jobs(state).jobs(WantedJobs(site, page.kind, page.state), page.before, page.limit)
    return JobPage([told(job) for job in found], found[-1].id if len(found) == page.limit else None)


def _id(job: int) -> int:
    return max(-1, min(job, _LARGEST))


def _key(state: State, key: str) -> str:
    """Return the key of a site that there is. Raises LenticularError."""
    return _sites(state).site(key).key


def _jobs(state: State) -> Jobs:
    return _sites(state).jobs


def _sites(state: State) -> Installation:
    found: Installation = state["installation"]
    return found
