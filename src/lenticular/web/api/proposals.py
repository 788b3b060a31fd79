"""What the admin API does with proposals."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Controller, Request, delete, get, post
from litestar.di import Provide
from litestar.params import JSONBody, Parameter, QueryParameter

from lenticular.app.moments import ms_of
from lenticular.app.proposals import (
    Approved,
    ProposalDetail,
    ProposalPage,
    approve,
    preview_proposal,
    proposal_detail,
    proposals,
    propose,
    send_back,
    withdraw,
)
from lenticular.app.publishing import Preview
from lenticular.catalog.proposal import Proposal, ProposalState
from lenticular.web.api.author import Asker, By, actor_of, author_of
from lenticular.web.api.paging import page_size
from lenticular.web.api.place import AtSite, site_place
from lenticular.web.api.publications import Before, NewPublication
from lenticular.web.api.record import note
from lenticular.web.api.segments import Language, Limit

Id = Annotated[int, Parameter(description="The id of a proposal.")]
InState = Annotated[ProposalState | None, QueryParameter(name="in", description="Only those in this state.")]


class Verdict(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a publisher says to a proposal."""

    comment: str = ""


class ProposalsController(Controller):
    """Drafts that somebody asks to have published."""

    path = "/api/sites/{key:str}/proposals"
    tags = ("Publications",)
    dependencies = {  # noqa: RUF012  # Litestar's form
        "author": Provide(author_of),
        "actor": Provide(actor_of),
        "site": Provide(site_place),
    }

    @get("/", summary="The proposals of a site")
    async def proposals(
        self, site: AtSite, before: Before = None, limit: Limit = 100, in_state: InState = None
    ) -> ProposalPage:
        """List proposals, the newest first; `in=open` are those that wait."""
        return await proposals(site.site, before, page_size(limit), in_state)

    @post("/", summary="Propose drafts", status_code=201)
    async def propose(
        self, request: Request[Any, Any, Any], site: AtSite, author: By, data: JSONBody[NewPublication]
    ) -> Proposal:
        """Ask for drafts to be published, as they are now."""
        found = await propose(site.writable, data.refs(), author, data.note, ms_of(data.at))
        note(request, str(found.id), f"proposed {_said(found)}")
        return found

    @get("/{proposal:int}", summary="A proposal")
    async def proposal(self, site: AtSite, proposal: Id, language: Language = "en") -> ProposalDetail:
        """Return a proposal, and how its drafts have changed since."""
        return await proposal_detail(site.site, proposal, language)

    @post("/{proposal:int}/preview", summary="What approving a proposal would do", status_code=200)
    async def preview(self, site: AtSite, proposal: Id, language: Language = "en") -> Preview:
        """Tell the differences, who is affected, and what stands against it."""
        return await preview_proposal(site.site, proposal, language)

    @post("/{proposal:int}/approve", summary="Approve a proposal", status_code=201)
    async def approve(
        self, request: Request[Any, Any, Any], site: AtSite, actor: Asker, proposal: Id, data: JSONBody[Verdict]
    ) -> Approved:
        """Publish exactly what was proposed, at once or when it was planned for."""
        found = await approve(site.writable, proposal, actor, data.comment)
        note(request, str(proposal), f"approved {_said(found.proposal)}, proposed by {found.proposal.author.name}")
        return found

    @post("/{proposal:int}/return", summary="Send a proposal back", status_code=200)
    async def send_back(
        self, request: Request[Any, Any, Any], site: AtSite, author: By, proposal: Id, data: JSONBody[Verdict]
    ) -> Proposal:
        """Send a proposal back with a comment; its drafts stay."""
        found = await send_back(site.writable, proposal, author, data.comment)
        note(request, str(proposal), f"sent back {_said(found)}, proposed by {found.author.name}")
        return found

    @delete("/{proposal:int}", summary="Withdraw a proposal", status_code=200)
    async def withdraw(self, request: Request[Any, Any, Any], site: AtSite, actor: Asker, proposal: Id) -> Proposal:
        """Take one's own proposal back; its drafts stay."""
        found = await withdraw(site.writable, proposal, actor)
        note(request, str(proposal), f"withdrew {_said(found)}")
        return found


def _said(found: Proposal) -> str:
    keys = [f"{one.kind}/{one.key}" for one in found.drafts]
    more = f" and {len(keys) - 5} more" if len(keys) > 5 else ""
    return f"{', '.join(keys[:5])}{more}"
