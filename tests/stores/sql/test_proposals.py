"""What every store does with proposals."""

from __future__ import annotations

import msgspec
import pytest

from lenticular.catalog.author import Author
from lenticular.catalog.proposal import Proposal, ProposedDraft
from lenticular.catalog.stored import Publication
from lenticular.errors import ConflictError
from lenticular.stores.sql.catalog import SqlCatalogs
from tests.stores.sql.kept import EVE, begin, change, draft, nothing, publishing

TOM = Author("Tom", "u2")
DRAFTS = (ProposedDraft("s1", "segments", "students", 1),)


def proposed(catalogs: SqlCatalogs, at: int = 5, site: str = "shop") -> Proposal:
    return catalogs.propose(Proposal(0, site, at, EVE, "Please", 100, DRAFTS))


def approved(one: Proposal) -> Proposal:
    return msgspec.structs.replace(one, state="approved", settled=9, by=TOM, comment="Yes")


def test_proposals_are_kept_paged_and_settled_once(catalogs: SqlCatalogs) -> None:
    begin(catalogs)
    begin(catalogs, site="other")
    first, second, other = proposed(catalogs), proposed(catalogs, 6), proposed(catalogs, 7, "other")
    assert 0 < first.id < second.id < other.id
    assert catalogs.proposal("shop", first.id) == first and catalogs.proposal("shop", other.id) is None
    assert catalogs.proposals("shop", None, 9, None) == [second, first]
    assert catalogs.proposals("shop", second.id, 9, None) == [first]
    assert catalogs.proposals("shop", None, 1, None) == [second]
    returned = msgspec.structs.replace(first, state="returned", comment="No \0", settled=8, by=TOM)
    assert catalogs.settle_proposal(returned) and not catalogs.settle_proposal(returned)
    assert catalogs.proposal("shop", first.id) == msgspec.structs.replace(returned, comment="No \ufffd")
    assert catalogs.proposals("shop", None, 9, "open") == [second]


def test_a_proposal_is_approved_with_its_publication_or_not_at_all(catalogs: SqlCatalogs) -> None:
    begin(catalogs)
    one = proposed(catalogs)
    new = change("s1", "students")
    with pytest.raises(RuntimeError):
        catalogs.publish("shop", publishing(new, proposal=approved(one)), _fail)
    assert catalogs.proposal("shop", one.id) == one
    done = catalogs.publish("shop", publishing(new, proposal=approved(one)), nothing)
    assert catalogs.proposal("shop", one.id) == msgspec.structs.replace(approved(one), publication=done.id)
    with pytest.raises(ConflictError) as error:
        catalogs.publish("shop", publishing(change("s1", "students", 1), proposal=approved(one)), nothing)
    assert error.value.problems[0].code == "proposal.settled"
    live = catalogs.live("shop")
    assert live is not None and live.publication == done.id


def test_what_is_planned_ends_its_proposal_too(catalogs: SqlCatalogs) -> None:
    begin(catalogs)
    catalogs.save("shop", draft("s1", "students"), 0)
    one = proposed(catalogs)
    given = Publication(0, "shop", 9, TOM, "", "publish", "planned", due=100, changes=(change("s1", "students"),))
    planned = catalogs.plan(given, approved(one))
    found = catalogs.proposal("shop", one.id)
    assert found is not None and (found.state, found.publication) == ("approved", planned.id)
    with pytest.raises(ConflictError):
        catalogs.plan(given, approved(one))
    assert [each.id for each in catalogs.due(100)] == [planned.id], "nothing of a refused one is kept"


def _fail() -> None:
    raise RuntimeError("the server dies")
