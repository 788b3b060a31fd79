"""The kinds of jobs that there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lenticular.app.jobs.backfill import BackfillKind
from lenticular.app.jobs.kind import Kind
from lenticular.app.jobs.publish import PublishKind
from lenticular.app.jobs.pull import PullKind

if TYPE_CHECKING:
    from lenticular.app.open import Installation


def kinds(opened: Installation) -> list[Kind]:
    """Return all kinds, as they work on an installation."""
    sites = opened.sites
    found: list[Kind] = [] if opened.settings.catalog == "files" else [PublishKind(sites)]
    return [*found, PullKind(opened.pulling, sites), BackfillKind(sites)]
