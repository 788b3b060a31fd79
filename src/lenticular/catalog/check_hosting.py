"""Checks of what hosted pages need: hosts, paths that are free, links, texts in languages that there are."""

from __future__ import annotations

import re

from lenticular.catalog.check_types import is_language
from lenticular.catalog.findings import Findings
from lenticular.catalog.hosting import Hosting, MenuLink, is_host, is_reserved
from lenticular.catalog.places import Path

_LEADS = re.compile(r"(/|#|\?|https?:|mailto:|tel:)")


def check_hosting(findings: Findings) -> None:
    """Check a site's hosts, and what its pages say of themselves."""
    site = findings.catalog.site
    for at, host in enumerate(site.hosting.hosts):
        if not is_host(host):
            hint = 'Write a name such as www.example.com, without https:// and port; or "*" for every host.'
            findings.add("host", f'"{host}" is no host.', ("site", site.key, "hosting", "hosts", at), hint)
    for key, page in findings.catalog.pages.items():
        if site.hosting.hosts and is_reserved(page.path):
            message = f'"{page.path}" is not free: the server itself answers there.'
            findings.add("path", message, ("pages", key, "path"), "Choose a path that begins otherwise.")
        for field in ("title", "summary"):
            _check_languages(findings, getattr(page, field), ("pages", key, field))
    _check_frame(findings, site.hosting, ("site", site.key, "hosting"))


def _check_frame(findings: Findings, hosting: Hosting, path: Path) -> None:
    """Check the menu, the foot, and what asks for consent."""
    links: list[tuple[Path, MenuLink]] = [
        ((*path, name, at), link)
        for name, members in (("navigation", hosting.navigation), ("links", hosting.links))
        for at, link in enumerate(members)
    ]
    banner = hosting.banner
    if banner.more is not None:
        links.append(((*path, "banner", "more"), banner.more))
    for where, link in links:
        _check_languages(findings, link.label, (*where, "label"))
        if not _LEADS.match(link.url):
            hint = "Write a path such as /shoes, or an address that begins with https:, mailto: or tel:."
            findings.add("link", f'"{link.url}" leads nowhere.', (*where, "url"), hint)
    _check_languages(findings, hosting.footer, (*path, "footer"))
    for name in ("title", "text", "accept", "refuse"):
        _check_languages(findings, getattr(banner, name), (*path, "banner", name))


def _check_languages(findings: Findings, texts: str | dict[str, str], path: Path) -> None:
    for language in texts if isinstance(texts, dict) else ():
        if not is_language(language):
            hint = "Write a tag such as en or es-MX."
            findings.add("language", f'"{language}" is no language.', (*path, language), hint, name=True)
