"""`/health/live` and `/health/ready`: for whoever starts, stops and sends traffic to this process."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get
from litestar.datastructures import State
from litestar.openapi import ResponseSpec

from lenticular.accounts.actor import Actor
from lenticular.app.open import Installation
from lenticular.app.site import LiveSite
from lenticular.errors import LenticularError
from lenticular.web.api.guard import who_asks


@get("/health/live", summary="Whether the process answers", tags=["Health"])
async def live() -> dict[str, str]:
    """Say that the process answers."""
    return {"status": "ok"}


_DOWN = ResponseSpec(dict[str, Any], description="No site can be served.", generate_examples=False)


@get(
    "/health/ready",
    summary="Whether events are taken and decisions made",
    tags=["Health"],
    responses={503: _DOWN},
)
async def ready(state: State, request: Request[Any, Any, Any]) -> Response[dict[str, Any]]:
    """Say whether events are taken and decisions made (else 503), and how many sites have troubles.

    Which sites, and what troubles, is told to whoever may see them.
    """
    installation: Installation = state["installation"]
    troubles = {key: troubles_of(site) for key, site in installation.sites.items()}
    troubles |= {key: [problem.message for problem in error.problems] for key, error in installation.closed.items()}
    if installation.to_read:
        for key in installation.sites:
            troubles[key].append(f"The data folder can't be written to: {installation.folder.refusal}.")
    able = bool(installation.sites) or not installation.closed
    catalog = not installation.jobs.trouble
    whole = installation.child.ready and catalog and not any(troubles.values())
    body: dict[str, Any] = {
        "status": "ok" if able and whole else "degraded" if able else "down",
        "events": installation.child.ready,
        "catalog": catalog,
        "counts": {
            "ready": len(installation.sites),
            "closed": len(installation.closed),
            "troubled": sum(1 for found in troubles.values() if found),
        },
        "jobs": {"failed": len(installation.jobs.failed)},
    }
    actor = await _actor(state, request)
    if actor is not None:
        seen = [key for key in sorted(troubles) if actor.may("viewer", key)]
        body["sites"] = {key: {"ready": key in installation.sites, "troubles": troubles[key]} for key in seen}
    return Response(body, status_code=200 if able else 503)


async def _actor(state: State, request: Request[Any, Any, Any]) -> Actor | None:
    """Return who asks, None if that can't be told now: whether to send traffic here must be said anyway."""
    try:
        return await who_asks(request, state["accounts"], state["token"])
    except LenticularError:
        return None


def troubles_of(site: LiveSite) -> list[str]:
    """Return what does not work for a site, though events are taken and decisions made."""
    found = []
    if site.overloaded:
        found.append("New events are refused for now: too many wait.")
    if site.collector.trouble:
        found.append(site.collector.trouble)
    if site.flusher.failures > 1:
        found.append("The events store does not take rows; reports are late.")
    if site.backfill.trouble:
        found.append(site.backfill.trouble)
    return found
