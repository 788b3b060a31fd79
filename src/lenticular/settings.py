"""Every setting of a server. Nothing is read at import: `load` is given the environment."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from lenticular.errors import LenticularError, Problem

PREFIX = "LENTICULAR_"
OFF = "off"
Days = Annotated[int, msgspec.Meta(ge=0, le=36_500)]


class Settings(msgspec.Struct, frozen=True):
    """Set by an environment variable, `LENTICULAR_` and the name in capitals, or by an option of a command.

    `data`: the data folder. `host`, `port`: where the server answers. `events_threads`: how many threads one query of
    the events store may use (0: all cores). `events_memory`: how many bytes all its queries together (0: half of the
    machine's memory). `proxies`: whose `X-Forwarded-For` is believed, addresses or networks joined with commas.
    `place_headers`: the request headers that say a visitor's country, region and city; `place_file`: a file that says
    it by address. Both are `off` unless set. `ip`: what of a visitor's address is kept, `truncated` or nothing (`off`).
    `sample_above`: above so many profiles a count looks at a sample of them.
    `journal_days`, `journal_bytes`: how long, and how much of, what is folded and sent stays in the journal of a site.
    `metrics`: who may ask for /metrics. `log`: the form of the lines on standard error.
    `database`: the SQLAlchemy URL of the catalog's database; `sqlite` stands for `catalog.db` in the data folder.
    `webhook_networks`: which networks webhooks may ask beside public addresses, joined with commas.
    `catalog`: where it is edited, on `screens` or in `files`; then screens only show.
    `picture_mb`: how large an uploaded picture may be, in megabytes.
    `segment_days`: how many days the history of segments is kept (0: for good). `job_days`, `export_days`: how long
    jobs that ended are, and the files of exports. `audit_days`: how long the audit log is (0: for good).
    `url`: the address that people's browsers know this server by; `off` stands for the one that they ask.
    `passwords`: whether people may sign in with one. `oidc_issuer`: the OpenID provider with which they sign in, `off`
    for none; `oidc_client_id` and `oidc_client_secret` are what it knows us by, `oidc_scopes` what we ask it for,
    `oidc_domains` whose addresses may come in, `oidc_roles` what new users may, `oidc_groups` the claim that has their
    groups, `oidc_name` what people call it.
    """

    data: Path = Path("data")
    host: str = "127.0.0.1"
    port: int = 8400
    events_threads: int = 0
    events_memory: int = 0
    proxies: str = "127.0.0.1"
    place_headers: str = OFF
    place_file: str = OFF
    ip: Literal["truncated", "off"] = "truncated"
    sample_above: int = 2_000_000
    journal_days: int = 7
    journal_bytes: int = 2_000_000_000
    metrics: Literal["token", "open", "off"] = "token"
    log: Literal["text", "json"] = "text"
    database: str = "sqlite"
    webhook_networks: str = OFF
    catalog: Literal["screens", "files"] = "screens"
    picture_mb: Annotated[int, msgspec.Meta(ge=1, le=60)] = 20
    segment_days: Days = 400
    job_days: Days = 30
    export_days: Days = 7
    audit_days: Days = 0
    url: str = OFF
    passwords: Literal["on", "off"] = "on"
    oidc_issuer: str = OFF
    oidc_client_id: str = OFF
    oidc_client_secret: str = OFF
    oidc_scopes: str = "openid email profile"
    oidc_domains: str = OFF
    oidc_roles: str = OFF
    oidc_groups: str = "groups"
    oidc_name: str = "single sign-on"


def load(environment: Mapping[str, str]) -> Settings:
    """Return the settings of an environment. Raises LenticularError for one that can't be read."""
    given = {
        field.name: environment[PREFIX + field.name.upper()]
        for field in msgspec.structs.fields(Settings)
        if environment.get(PREFIX + field.name.upper())
    }
    for setting, value in given.items():
        if not value.isascii() and any("\ud800" <= each <= "\udfff" for each in value):
            name = PREFIX + setting.upper()
            raise LenticularError(Problem("settings", "The value is not UTF-8.", name, "Set it to another value."))
    try:
        return msgspec.convert(given, Settings, strict=False, dec_hook=lambda kind, value: kind(value))
    except msgspec.ValidationError as error:
        message, _, path = str(error).partition(" - at `$.")
        name = PREFIX + path.rstrip("`").upper()
        raise LenticularError(
            Problem("settings", f"{message}.", name, "Set it to another value, or unset it.")
        ) from None
