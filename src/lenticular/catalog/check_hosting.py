"""Checks of what hosted pages need: hosts, paths that are free, titles in languages that there are."""

from __future__ import annotations

from lenticular.catalog.check_types import is_language
from lenticular.catalog.findings import Findings
from lenticular.catalog.hosting import is_host, is_reserved


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
            texts = getattr(page, field)
            for language in texts if isinstance(texts, dict) else ():
                if not is_language(language):
                    hint = "Write a tag such as en or es-MX."
                    place = ("pages", key, field, language)
                    findings.add("language", f'"{language}" is no language.', place, hint, name=True)
