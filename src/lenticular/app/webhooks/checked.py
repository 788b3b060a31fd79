"""Whether a webhook can be as someone wants it."""

from __future__ import annotations

import socket
from collections.abc import Sequence

from lenticular.app.site import LiveSite
from lenticular.errors import LenticularError, Problem, did_you_mean
from lenticular.webhooks.address import Network, may_be_asked
from lenticular.webhooks.target import target_of
from lenticular.webhooks.webhook import OF_SEGMENTS, Webhook

_SEGMENTS, _TRAITS, _NAME = 50, 20, 200


def check(site: LiveSite, webhook: Webhook, allowed: Sequence[Network]) -> None:
    """Refuse a webhook that can't be. Raises LenticularError with everything that is wrong."""
    problems: list[Problem] = []
    try:
        host = target_of(webhook.url).host
        if not all(may_be_asked(address, allowed) for address in _numeric(host)):
            hint = "Name a host that the world can reach, or allow its network: LENTICULAR_WEBHOOK_NETWORKS."
            problems.append(Problem("webhook.address", "Its address is not a public one.", "url", hint))
    except LenticularError as error:
        problems += error.problems
    if not webhook.events:
        problems.append(Problem("webhook.events", "It is told nothing.", "events", "Name at least one event."))
    if OF_SEGMENTS & set(webhook.events) and not webhook.segments:
        problems.append(Problem("webhook.segments", "No segment is named.", "segments", "Name those to be told of."))
    problems += unknown_segments(site, webhook)
    known = [name for scope, name in site.types if scope == "user"]
    for name in webhook.traits:
        if name not in known:
            message = f"There is no trait {name!r:.100}."
            problems.append(Problem("webhook.traits", message, "traits", did_you_mean(name, known)))
    for names, most, place in ((webhook.segments, _SEGMENTS, "segments"), (webhook.traits, _TRAITS, "traits")):
        if len(names) > most:
            problems.append(Problem(f"webhook.{place}", f"There are more than {most}.", place, "Make another webhook."))
    if len(webhook.name) > _NAME:
        problems.append(Problem("webhook.name", f"It is longer than {_NAME} characters.", "name"))
    if problems:
        raise LenticularError(*problems)


def unknown_segments(site: LiveSite, webhook: Webhook) -> list[Problem]:
    """Return a problem for each segment that is named and not there."""
    known = site.engine.segments.trees
    return [
        Problem("webhook.segments", f"There is no segment {key!r:.100}.", "segments", did_you_mean(key, known))
        for key in webhook.segments
        if key not in known
    ]


def _numeric(host: str) -> list[str]:
    """Return the address that a host is, in whatever form a system reads one (2130706433, 0177.1); none for a name."""
    try:
        found = socket.getaddrinfo(host, 0, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        return []
    return [str(address[0]) for *_, address in found]
