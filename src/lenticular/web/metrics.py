"""`/metrics` for Prometheus: read from plain numbers when it is asked for."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from importlib.metadata import version
from itertools import accumulate
from pathlib import Path
from typing import Any

from litestar import Request, Response, get
from litestar.exceptions import NotFoundException
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from lenticular.app.backup_folder import last_backup
from lenticular.app.manifest import read_manifest
from lenticular.app.open import Installation
from lenticular.app.site import LiveSite
from lenticular.errors import LenticularError, StoreError
from lenticular.web.counts import BOUNDS, Counts

_SITE = ["site"]


class InstallationCollector(Collector):
    """Reads an installation. Labels are sites and reasons: never an id, never a path of a request."""

    def __init__(self, installation: Installation, counts: Counts) -> None:
        self._installation, self._counts = installation, counts

    def describe(self) -> list[Metric]:
        """Nothing is read when this is registered."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Yield everything, as it is now."""
        yield InfoMetricFamily("lenticular_build", "What runs.", value={"version": version("lenticular")})
        yield from self._hot_path()
        yield from self._sites()
        yield from self._store()
        yield from self._jobs()
        yield from self._webhooks()

    def _hot_path(self) -> Iterator[Metric]:
        counts = self._counts
        refused = CounterMetricFamily(
            "lenticular_collect_refused", "Requests with events that were refused.", labels=["reason"]
        )
        for reason, count in list(counts.refused.items()):
            refused.add_metric([reason], count)
        yield refused
        undecided = CounterMetricFamily(
            "lenticular_decide_refused", "Requests for decisions that were refused.", labels=["reason"]
        )
        for reason, count in list(counts.undecided.items()):
            undecided.add_metric([reason], count)
        yield undecided
        reasons = CounterMetricFamily(
            "lenticular_decisions", "Pages and slots that were decided, by the reason given.", labels=["site", "reason"]
        )
        for (site, reason), count in list(counts.reasons.items()):
            reasons.add_metric([site, reason], count)
        yield reasons
        seconds = HistogramMetricFamily(
            "lenticular_decide_seconds", "From the request to the answer of a decision.", labels=_SITE
        )
        for site, histogram in list(counts.decided.items()):
            names = [*map(str, BOUNDS), "+Inf"]
            buckets = list(zip(names, map(float, accumulate(histogram.counts)), strict=True))
            seconds.add_metric([site], buckets, histogram.sum)
        yield seconds

    def _sites(self) -> Iterator[Metric]:
        sites = sorted(self._installation.sites.items())
        now = self._installation.clock()
        for name, help_text, kind, read in _PER_SITE:
            family = kind(f"lenticular_{name}", help_text, labels=_SITE)
            for key, site in sites:
                family.add_metric([key], read(site, now))
            yield family

    def _store(self) -> Iterator[Metric]:
        child = self._installation.child
        yield GaugeMetricFamily("lenticular_events_store_up", "Whether the events store answers.", int(child.ready))
        yield CounterMetricFamily(
            "lenticular_events_store_restarts", "How often the events store was started again.", child.restarts
        )
        yield GaugeMetricFamily(
            "lenticular_catalog_up",
            "Whether the catalog's database answers.",
            int(not self._installation.jobs.trouble),
        )
        taken = _backup_taken(self._installation.folder.path)
        if taken is not None:
            yield GaugeMetricFamily("lenticular_backup_timestamp_seconds", "When the newest backup was taken.", taken)

    def _jobs(self) -> Iterator[Metric]:
        jobs = self._installation.jobs
        failures = CounterMetricFamily(
            "lenticular_job_failures", "Tries of jobs that went wrong.", labels=["site", "kind"]
        )
        for (site, kind), count in list(jobs.failures.items()):
            failures.add_metric([site, kind], count)
        yield failures
        kept = GaugeMetricFamily("lenticular_jobs", "Jobs, as long as they are kept.", labels=["site", "kind", "state"])
        with suppress(StoreError):  # lenticular_catalog_up says so
            for (site, kind, state), count in jobs.counts().items():
                kept.add_metric([site, kind, state], count)
        yield kept
        yield GaugeMetricFamily("lenticular_failed_jobs", "Failed, and not made good since.", len(jobs.failed))

    def _webhooks(self) -> Iterator[Metric]:
        courier = self._installation.hooks.courier
        tries = CounterMetricFamily(
            "lenticular_webhook_tries", "Tries to tell a webhook, by what came of them.", labels=["site", "outcome"]
        )
        for (site, outcome), count in list(courier.tries.items()):
            tries.add_metric([site, outcome], count)
        yield tries
        off = CounterMetricFamily(
            "lenticular_webhooks_switched_off", "Webhooks switched off by themselves.", labels=_SITE
        )
        for site, count in list(courier.off.items()):
            off.add_metric([site], count)
        yield off


def _backup_taken(data: Path) -> float | None:
    """Return when the newest backup of a folder was taken (seconds), None if none is known."""
    newest = last_backup(data)
    with suppress(OSError):
        return None if newest is None else _taken(newest, newest.stat().st_mtime_ns)
    return None


@lru_cache(maxsize=1)
def _taken(backup: Path, changed: int) -> float | None:
    """Return when a backup that `changed` at a moment was taken (seconds), None for one that can't be read."""
    try:
        return read_manifest(backup).at / 1000
    except LenticularError:
        return None


def _waited(site: LiveSite, now: int) -> float:
    oldest = site.collector.oldest
    return max(now - oldest.received, 0) / 1000 if oldest else 0.0


def _unsent(site: LiveSite, now: int) -> float:
    """For how long the oldest row has waited to be sent: since its event was received."""
    first = site.stores.profiles.unsent()
    found = site.stores.journal.read(first - 1, 1) if first else []
    return max(now - found[0][1].received, 0) / 1000 if found else 0.0


def _progress(site: LiveSite, now: int) -> float:
    return site.backfill.progress(list(site.backfill.preparing))


_Counter, _Gauge = CounterMetricFamily, GaugeMetricFamily
_PER_SITE: list[tuple[str, str, Any, Any]] = [
    ("accepted_events", "Events that are on disk.", _Counter, lambda site, now: site.collector.accepted),
    (
        "duplicate_events",
        "Events that had been accepted before.",
        _Counter,
        lambda site, now: site.collector.duplicates,
    ),
    ("skipped_events", "Events that can't be folded.", _Counter, lambda site, now: site.collector.skipped),
    ("pending_events", "Accepted and not folded yet.", _Gauge, lambda site, now: site.collector.pending),
    ("journal_lag_seconds", "How long the oldest event that is not folded has waited.", _Gauge, _waited),
    ("journal_bytes", "How much the journal holds.", _Gauge, lambda site, now: site.stores.journal.bytes()),
    ("waiting_rows", "Rows not in the events store yet.", _Gauge, lambda site, now: site.stores.profiles.waiting()),
    ("flush_lag_seconds", "How long the oldest row that is not sent has waited.", _Gauge, _unsent),
    ("flush_failures", "How often in a row it was not taken.", _Gauge, lambda site, now: site.flusher.failures),
    ("quarantined_rows", "Rows that were refused.", _Gauge, lambda site, now: site.stores.profiles.quarantined_count()),
    ("profiles", "People.", _Gauge, lambda site, now: site.stores.profiles.count_people()),
    ("backfill_progress", "How far new behaviours are counted, 0 to 1.", _Gauge, _progress),
    ("failed_plans", "Planned publications that did not come about.", _Counter, lambda site, now: site.failed_plans),
    ("stream_listeners", "Screens that are told what happens.", _Gauge, lambda site, now: site.stream.listeners),
    ("overloaded", "Whether new events are refused for now.", _Gauge, lambda site, now: int(site.overloaded)),
]


def metrics_route(installation: Installation, counts: Counts, is_admin: Any) -> Any:
    """Return the route. `is_admin` says whether a request shows the admin token."""
    registry = CollectorRegistry()
    registry.register(InstallationCollector(installation, counts))
    rule = installation.settings.metrics

    @get("/metrics", include_in_schema=False)
    async def metrics(request: Request[Any, Any, Any]) -> Response[bytes]:
        """Answer in Prometheus's text form, to those who may know."""
        if rule == "off" or not (rule == "open" or _is_here(request) or is_admin(request)):
            raise NotFoundException("There is nothing here, or not for you: see LENTICULAR_METRICS.")
        return Response(await asyncio.to_thread(generate_latest, registry), media_type=CONTENT_TYPE_LATEST)

    return metrics


def _is_here(request: Request[Any, Any, Any]) -> bool:
    """Return whether this machine itself asks, and no proxy on it for someone else."""
    if any(name in request.headers for name in ("x-forwarded-for", "forwarded", "x-real-ip")) or not request.client:
        return False
    try:
        return ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False
