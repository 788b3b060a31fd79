"""Brings a site's database to the newest step of `migrations/`; each step is applied once and recorded."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from importlib import resources
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from clickhouse_connect.driver.asyncclient import AsyncClient

_NAME = re.compile(r"(\d{4})_\w+\.sql")
_STEPS = "lenticular.stores.clickhouse.migrations"
_RECORD = """CREATE TABLE IF NOT EXISTS migrations (step UInt32, name String, applied DateTime DEFAULT now())
ENGINE = MergeTree ORDER BY step SETTINGS fsync_after_insert = 1, fsync_part_directory = 1"""


class Step(msgspec.Struct, frozen=True):
    """One numbered file. Its statements can be run again: a crash may fall between them and the record."""

    number: int
    name: str
    statements: tuple[str, ...]


def steps() -> list[Step]:
    """Return all steps, in order."""
    found = []
    for file in resources.files(_STEPS).iterdir():
        match = _NAME.fullmatch(file.name)
        if match:
            found.append(Step(int(match[1]), file.name, _split(file.read_text("utf-8"))))
    return sorted(found, key=lambda step: step.number)


def _split(text: str) -> tuple[str, ...]:
    lines = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("--"))
    return tuple(part for part in (part.strip() for part in re.split(r";[ \t]*(?:\n|$)", lines)) if part)


def newest_step(rows: Iterable[Sequence[int]]) -> int:
    """Return the newest step that was recorded, 0 for none."""
    return max((int(row[0]) for row in rows), default=0)


async def migrate(client: AsyncClient, database: str, upto: int | None = None) -> int:
    """Create the database and apply what is missing, up to a step; return the number of the newest step there is."""
    name = "`" + database.replace("\\", "\\\\").replace("`", "\\`") + "`"
    await client.command(f"CREATE DATABASE IF NOT EXISTS {name} ENGINE = Atomic", use_database=False)
    await client.command(_RECORD)
    done = {row[0] for row in (await client.query("SELECT step FROM migrations")).result_rows}
    for step in steps():
        if step.number in done or (upto is not None and step.number > upto):
            continue
        for statement in step.statements:
            await client.command(statement)
        await client.command(
            "INSERT INTO migrations (step, name) SELECT {step:UInt32}, {name:String}",
            parameters={"step": step.number, "name": step.name},
        )
    return steps()[-1].number
