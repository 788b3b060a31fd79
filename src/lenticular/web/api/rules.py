"""What the admin API answers about a rule: how many, who, why, in words, and what is wrong with it."""

from __future__ import annotations

import msgspec
from litestar import Controller, post
from litestar.datastructures import State
from litestar.params import JSONBody

from lenticular.app.audience import Explained, Someone, describe, why
from lenticular.app.check_rule import Checked, check_rule
from lenticular.app.count import PeopleCount, Sampling, count
from lenticular.app.members import Asking, Members, members
from lenticular.app.moments import ms_of
from lenticular.app.open import Installation
from lenticular.errors import LenticularError, Problem
from lenticular.web.api.paging import page_size, profile_id
from lenticular.web.api.sites import SiteKey


class Asked(msgspec.Struct, frozen=True, rename="camel"):
    """A segment's key or a rule in text form, as of now or of another moment (ISO 8601, or ms since 1970)."""

    rule: str
    at: str | int | None = None


class AskedCount(Asked, frozen=True, rename="camel"):
    """`exact`: count everyone however many they are. `parts`: count each part of the rule by itself too."""

    exact: bool = False
    parts: bool = False


class AskedMembers(Asked, frozen=True, rename="camel"):
    """A page of members: up to `limit` of them, after the profile id `after`; or `sample` of all.

    The same `seed` draws the same sample. `fields` are properties to show of each: `user.plan`, `session.country`.
    """

    limit: int = 100
    after: str = "0"
    sample: int = 0
    seed: int = 0
    fields: tuple[str, ...] = ()


class AskedWhy(Asked, frozen=True, rename="camel"):
    """Whom to explain a rule for, by either id, and the language (`en`, `es`; another tag is English) to do it in."""

    user_id: str = ""
    anonymous_id: str = ""
    language: str = "en"


class AskedSentence(msgspec.Struct, frozen=True):
    """A segment's key or a rule in text form, and the language (`en`, `es`; another tag is English) to say it in."""

    rule: str
    language: str = "en"


class AskedCheck(msgspec.Struct, frozen=True):
    """A rule in text form, right or not, and the language to say it in."""

    rule: str
    language: str = "en"


class Sentence(msgspec.Struct, frozen=True):
    """A rule in words and in its text form."""

    sentence: str
    text: str


class RulesController(Controller):
    """Questions about a rule, or about a segment by its key."""

    path = "/api/sites/{key:str}"
    tags = ("Rules",)

    @post("/count", summary="How many people belong to a rule", status_code=200)
    async def count(self, state: State, key: SiteKey, data: JSONBody[AskedCount]) -> PeopleCount:
        """Count people, known and anonymous: exactly, or where there are very many in a sample of them."""
        installation = _sites(state)
        sampling = None if data.exact else Sampling(installation.settings.sample_above)
        return await count(installation.site(key), data.rule, ms_of(data.at), sampling, data.parts)

    @post("/members", summary="Who belongs to a rule", status_code=200)
    async def members(self, state: State, key: SiteKey, data: JSONBody[AskedMembers]) -> Members:
        """List members, page by page, or some of them."""
        installation = _sites(state)
        sample = page_size(data.sample) if data.sample else 0
        asking = Asking(page_size(data.limit), profile_id(data.after), sample, data.seed, data.fields)
        sampling = Sampling(installation.settings.sample_above)
        return await members(installation.site(key), data.rule, ms_of(data.at), asking, sampling)

    @post("/explain", summary="Why someone belongs to a rule or not", status_code=200)
    async def explain(self, state: State, key: SiteKey, data: JSONBody[AskedWhy]) -> Explained:
        """Explain a rule for one person."""
        site = _sites(state).site(key)
        if not (data.user_id or data.anonymous_id):
            raise LenticularError(Problem("person.none", "Nobody is asked about.", hint="Give userId or anonymousId."))
        return await why(site, data.rule, Someone(data.user_id, data.anonymous_id), ms_of(data.at), data.language)

    @post("/sentence", summary="A rule in words", status_code=200)
    async def sentence(self, state: State, key: SiteKey, data: JSONBody[AskedSentence]) -> Sentence:
        """Say a rule in words."""
        return Sentence(*describe(_sites(state).site(key), data.rule, data.language))

    @post("/check", summary="What is wrong with a rule", status_code=200)
    async def check(self, state: State, key: SiteKey, data: JSONBody[AskedCheck]) -> Checked:
        """Read a rule as it is being written: its problems, and the events and fields that were never seen."""
        return await check_rule(_sites(state).site(key), data.rule, data.language)


def _sites(state: State) -> Installation:
    found: Installation = state["installation"]
    return found
