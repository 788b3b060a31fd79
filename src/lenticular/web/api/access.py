"""What each route of the admin API needs: the least role, and where. A route that is not here answers nobody."""

from __future__ import annotations

from typing import Literal

import msgspec

from lenticular.accounts.role import Role

Where = Literal["site", "everywhere", "signed-in", "public"]


class Need(msgspec.Struct, frozen=True):
    """`role` at the site of the path, or at all sites (`everywhere`); or just to be signed in; or nothing (`public`).

    `says` is what the audit log says of a request that succeeded; {names} are those of the path. Empty: nothing, as it
    changes nothing, or notes more than this by itself.
    """

    where: Where
    role: Role = "viewer"
    says: str = ""


_SITE = "/api/sites/{key}"
_DEFINITION = f"{_SITE}/definitions/{{kind}}/{{definition}}"
_DRAFT = f"{_SITE}/drafts/{{kind}}/{{definition}}"
_PUBLICATION = f"{_SITE}/publications/{{publication}}"
_PICTURE = f"{_SITE}/pictures/{{picture}}"
_PROPOSAL = f"{_SITE}/proposals/{{proposal}}"


def _at(role: Role, says: str = "") -> Need:
    return Need("site", role, says)


def _all(says: str = "") -> Need:
    return Need("everywhere", "admin", says)


_SIGNED, _PUBLIC = Need("signed-in"), Need("public")

ACCESS: dict[str, Need] = {
    # Who asks
    "POST /api/session": _PUBLIC,
    "GET /api/session": _SIGNED,
    "DELETE /api/session": Need("signed-in", says="signed out"),
    "GET /api/session/all": _SIGNED,
    "PUT /api/session/password": Need("signed-in", says="changed their password"),
    "GET /api/session/ways": _PUBLIC,
    "GET /api/session/oidc": _PUBLIC,
    "GET /api/session/oidc/callback": _PUBLIC,
    "POST /api/links/look": _PUBLIC,
    "POST /api/links/use": _PUBLIC,
    "GET /api/tokens": _SIGNED,
    "POST /api/tokens": Need("signed-in", says="made a token"),
    "DELETE /api/tokens/{token}": Need("signed-in", says="ended the token {token}"),
    # The installation
    "GET /api/blocks": _SIGNED,
    "GET /api/users": _all(),
    "POST /api/users": _all("added a user"),
    "PUT /api/users/{user}": _all("changed the user {user}"),
    "DELETE /api/users/{user}": _all("removed the user {user}"),
    "POST /api/users/{user}/reset": _all("made a link to set a new password of {user}"),
    "GET /api/invitations": _all(),
    "POST /api/invitations": _all("invited someone"),
    "DELETE /api/invitations/{link}": _all("withdrew the link {link}"),
    "GET /api/audit": _all(),
    "GET /api/audit/export": _all("exported the audit log"),
    "POST /api/backup": _all("took a backup"),
    "GET /api/doctor": _all(),
    "POST /api/doctor": _all("had the doctor mend the installation"),
    "POST /api/replay": _all("made the log again from a backup"),
    "GET /api/jobs": _all(),
    "POST /api/jobs": _all("had a job of the installation done"),
    "GET /api/jobs/{job}": _all(),
    "POST /api/jobs/{job}/cancel": _all("cancelled the job {job}"),
    "POST /api/jobs/{job}/retry": _all("had the job {job} run again"),
    # Sites
    "GET /api/sites": _SIGNED,
    f"PUT {_SITE}": _all("made sure that there is the site {key}"),
    f"GET {_SITE}/properties": _at("viewer"),
    f"GET {_SITE}/backfill": _at("viewer"),
    f"POST {_SITE}/settle": _at("viewer"),
    f"GET {_SITE}/stream": _at("viewer"),
    f"POST {_SITE}/editing": _at("editor"),
    f"GET {_SITE}/quarantine": _at("admin"),
    f"POST {_SITE}/quarantine/retry": _at("admin", "sent rows of the quarantine again"),
    f"POST {_SITE}/quarantine/drop": _at("admin", "dropped rows of the quarantine"),
    f"GET {_SITE}/keys": _at("admin"),
    f"POST {_SITE}/keys": _at("admin", "made a new key"),
    f"DELETE {_SITE}/keys/{{identity}}": _at("admin", "ended the key {identity}"),
    # Questions
    f"POST {_SITE}/count": _at("viewer"),
    f"POST {_SITE}/members": _at("viewer"),
    f"POST {_SITE}/explain": _at("viewer"),
    f"POST {_SITE}/sentence": _at("viewer"),
    f"POST {_SITE}/check": _at("viewer"),
    f"GET {_SITE}/segments": _at("viewer"),
    f"GET {_SITE}/segments/{{segment}}/static": _at("viewer"),
    f"GET {_SITE}/segments/{{segment}}/history": _at("viewer"),
    f"GET {_SITE}/segments/{{segment}}/joined": _at("viewer"),
    f"GET {_SITE}/segments/{{segment}}/left": _at("viewer"),
    f"POST {_SITE}/overlap": _at("viewer"),
    # Static lists and merges show at once what they change.
    f"POST {_SITE}/segments/{{segment}}/members": _at("publisher", "changed the list of the segment {segment}"),
    f"POST {_SITE}/people/unmerge": _at("admin", "undid a merge of two people"),
    # The catalog
    f"GET {_SITE}/catalog": _at("admin"),
    f"PUT {_SITE}/catalog": _at("admin", "published a whole catalog"),
    f"POST {_SITE}/catalog/preview": _at("editor"),
    f"GET {_SITE}/definitions": _at("viewer"),
    f"GET {_DEFINITION}": _at("viewer"),
    f"GET {_DEFINITION}/uses": _at("viewer"),
    f"GET {_DEFINITION}/revisions": _at("viewer"),
    f"GET {_DEFINITION}/revisions/{{number}}": _at("viewer"),
    f"POST {_DEFINITION}/revisions/{{number}}/restore": _at(
        "publisher", "restored revision {number} of {kind}/{definition}"
    ),
    f"GET {_SITE}/drafts": _at("viewer"),
    f"GET {_DRAFT}": _at("viewer"),
    f"GET {_DRAFT}/merge": _at("viewer"),
    f"PUT {_DRAFT}": _at("editor", "saved a draft of {kind}/{definition}"),
    f"DELETE {_DRAFT}": _at("editor", "discarded the draft of {kind}/{definition}"),
    f"GET {_SITE}/publications": _at("viewer"),
    f"POST {_SITE}/publications": _at("publisher", "published drafts, or planned to"),
    f"POST {_SITE}/publications/preview": _at("viewer"),
    f"POST {_SITE}/render": _at("editor"),
    f"GET {_SITE}/preview-links": _at("viewer"),
    f"POST {_SITE}/preview-links": _at("viewer", "made a preview link"),
    f"DELETE {_SITE}/preview-links/{{identity}}": _at("viewer", "took back the preview link {identity}"),
    f"GET {_SITE}/proposals": _at("viewer"),
    f"POST {_SITE}/proposals": _at("editor", "proposed drafts"),
    f"GET {_PROPOSAL}": _at("viewer"),
    f"POST {_PROPOSAL}/preview": _at("viewer"),
    f"POST {_PROPOSAL}/approve": _at("publisher", "approved the proposal {proposal}"),
    f"POST {_PROPOSAL}/return": _at("publisher", "sent back the proposal {proposal}"),
    f"DELETE {_PROPOSAL}": _at("editor", "withdrew the proposal {proposal}"),
    f"POST {_SITE}/simulate": _at("viewer"),
    f"POST {_SITE}/reach": _at("viewer"),
    f"GET {_PUBLICATION}": _at("viewer"),
    f"DELETE {_PUBLICATION}": _at("publisher", "cancelled the planned publication {publication}"),
    f"POST {_PUBLICATION}/undo": _at("publisher", "undid the publication {publication}"),
    f"POST {_PUBLICATION}/restore": _at("publisher", "restored the catalog of the publication {publication}"),
    # Pictures: what was uploaded may say where and when it was taken, what is shown of it does not
    f"GET {_SITE}/pictures": _at("viewer"),
    f"POST {_SITE}/pictures": _at("editor", "added a picture"),
    f"GET {_PICTURE}": _at("viewer"),
    f"PUT {_PICTURE}": _at("editor", "changed the picture {picture}"),
    f"DELETE {_PICTURE}": _at("editor", "removed the picture {picture}"),
    f"GET {_PICTURE}/original": _at("editor"),
    # Webhooks: a URL may hold a secret, answers and bodies name people; a publisher sees who is told what
    f"GET {_SITE}/webhooks": _at("publisher"),
    f"POST {_SITE}/webhooks": _at("admin", "added a webhook"),
    f"PUT {_SITE}/webhooks/{{webhook}}": _at("admin", "changed the webhook {webhook}"),
    f"DELETE {_SITE}/webhooks/{{webhook}}": _at("admin", "removed the webhook {webhook}"),
    f"POST {_SITE}/webhooks/{{webhook}}/secret": _at("admin", "gave the webhook {webhook} a new secret"),
    f"POST {_SITE}/webhooks/{{webhook}}/test": _at("admin", "tried the webhook {webhook}"),
    f"GET {_SITE}/webhooks/{{webhook}}/log": _at("admin"),
    f"POST {_SITE}/webhooks/{{webhook}}/deliveries/{{delivery}}/again": _at(
        "admin", "sent the delivery {delivery} of the webhook {webhook} again"
    ),
    # Data in and out
    f"POST {_SITE}/import": _at("admin", "imported rows"),
    f"GET {_SITE}/imports": _at("admin"),
    f"POST {_SITE}/imports": _at("admin", "began an import, or went on with one"),
    f"POST {_SITE}/imports/{{name}}": _at("admin"),  # a part of one
    f"DELETE {_SITE}/imports/{{name}}": _at("admin", "made the import {name} forgotten"),
    f"GET {_SITE}/export/{{what}}": _at("admin", "exported {what}"),
    f"GET {_SITE}/sources": _at("admin"),
    f"PUT {_SITE}/sources/{{name}}": _at("admin", "defined the source {name}"),
    f"DELETE {_SITE}/sources/{{name}}": _at("admin", "removed the source {name}"),
    f"POST {_SITE}/sources/{{name}}/run": _at("admin", "ran the source {name}"),
    f"POST {_SITE}/sources/{{name}}/test": _at("admin", "tried the source {name}"),
    f"GET {_SITE}/jobs": _at("editor"),
    f"POST {_SITE}/jobs": _at("admin", "had a job done"),
    f"GET {_SITE}/jobs/{{job}}": _at("editor"),
    f"POST {_SITE}/jobs/{{job}}/cancel": _at("admin", "cancelled the job {job}"),
    f"POST {_SITE}/jobs/{{job}}/retry": _at("admin", "had the job {job} run again"),
    f"GET {_SITE}/jobs/{{job}}/file": _at("admin", "fetched the file of the export {job}"),
}
OF_KEYS = "site"
"""The kind of definition that names a site's public key: admins alone see and change it."""
