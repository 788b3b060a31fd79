"""The kinds of jobs that there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lenticular.app.jobs.backfill import BackfillKind
from lenticular.app.jobs.export import ExportKind
from lenticular.app.jobs.import_ import ImportKind
from lenticular.app.jobs.kind import Kind
from lenticular.app.jobs.outside import Outside
from lenticular.app.jobs.pictures import PicturesKind
from lenticular.app.jobs.publish import PublishKind
from lenticular.app.jobs.pull import PullKind
from lenticular.app.jobs.purge import PurgeKind
from lenticular.app.jobs.retention import RetentionKind
from lenticular.app.jobs.segment_sizes import SegmentSizesKind

if TYPE_CHECKING:
    from lenticular.app.open import Installation


def kinds(opened: Installation) -> list[Kind]:
    """Return all kinds, as they work on an installation."""
    sites = opened.sites
    found: list[Kind] = [] if opened.settings.catalog == "files" else [PublishKind(sites)]
    return [
        *found,
        PullKind(opened.pulling, sites),
        BackfillKind(sites),
        ImportKind(sites, Outside(opened.jobs)),
        ExportKind(sites),
        PicturesKind(sites, opened.pictures),
        SegmentSizesKind(sites, opened.on_moved),
        RetentionKind(sites, opened.settings.segment_days),
        PurgeKind(sites, opened.accounts, opened.preview_links, opened.jobs, opened.settings),
    ]
