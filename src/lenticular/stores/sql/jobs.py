"""Jobs in a relational database: `ports.JobStore`. Who changes a running job must own it: compare and set."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, Update, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from lenticular.catalog.author import Author
from lenticular.errors import ConflictError, Problem
from lenticular.jobs.job import ENDED, OPEN, Job, State, WantedJobs
from lenticular.stores.sql.database import SqlDatabase
from lenticular.stores.sql.job_tables import JOBS
from lenticular.stores.sql.rows import as_json, clean

_OF = JOBS.c
_objects = msgspec.json.Decoder(dict[str, Any])
_problems = msgspec.json.Decoder(Problem)


class SqlJobs:
    """Each call is one transaction, of the thread that calls."""

    def __init__(self, database: SqlDatabase) -> None:
        self._database = database

    def put(self, new: Job) -> Job:
        """Keep a new job, or return the one that is open already, or that its slot has had."""
        with self._database.write() as connection:
            dialect = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
            made = connection.execute(dialect(JOBS).values(_columns(new)).on_conflict_do_nothing().returning(_OF.id))
            identity = made.scalar()
            found = _one(connection, _OF.id == identity) if identity is not None else _twin(connection, new)
            if found is None:
                raise ConflictError(Problem("job.changed", "This job came and went meanwhile.", hint="Try again."))
            return found

    def job(self, identity: int) -> Job | None:
        """Return one job."""
        with self._database.read() as connection:
            return _one(connection, _OF.id == identity)

    def open_one(self, site: str, kind: str, key: str) -> Job | None:
        """Return the open job of a site, kind and key."""
        with self._database.read() as connection:
            return _twin(connection, Job(kind, site, clean(key)))

    def jobs(self, wanted: WantedJobs, before: int | None, limit: int) -> list[Job]:
        """Return jobs, the newest first, below an id."""
        query = select(JOBS).where(*_conditions(wanted)).order_by(_OF.id.desc()).limit(limit)
        if before is not None:
            query = query.where(_OF.id < before)
        with self._database.read() as connection:
            return [_job(row) for row in connection.execute(query)]

    def due(self, now: int, kinds: Sequence[str], limit: int) -> list[Job]:
        """Return those that wait and may begin by now, what has waited longest first."""
        query = select(JOBS).where(_OF.state == "waiting", _OF.due <= now, _OF.kind.in_(kinds))
        with self._database.read() as connection:
            return [_job(row) for row in connection.execute(query.order_by(_OF.due, _OF.id).limit(limit))]

    def claim(self, identity: int, owner: str, now: int, lease: int) -> Job | None:
        """Begin a job that waits, as its owner until `lease`; None if another process was first."""
        values = {"state": "running", "owner": owner, "lease": lease, "attempt": _OF.attempt + 1}
        values |= {"began": now, "ended": None, "reason": None}
        return self._change((_OF.id == identity) & (_OF.state == "waiting"), values)

    def renew(self, owner: str, lease: int) -> set[int]:
        """Own what runs for longer; return the ids of what this owner still has."""
        own = (_OF.owner == owner) & (_OF.state == "running")
        with self._database.write() as connection:
            found = connection.execute(update(JOBS).where(own).values(lease=lease).returning(_OF.id))
            return {int(identity) for (identity,) in found}

    def went_on(self, job: Job) -> Job | None:
        """Write progress, note and result of a running job; None if it is not its owner's any more."""
        values = {"done": job.done, "total": job.total, "note": as_json(job.note), "result": as_json(job.result)}
        return self._change(_own(job), values)

    def settle(self, job: Job) -> Job | None:
        """Write how a running job ended, or that it waits again; None if it is not its owner's any more."""
        return self._change(_own(job), {**_changing(job), "owner": "", "lease": 0})

    def cancel(self, identity: int, now: int) -> Job | None:
        """Cancel an open job; None if it is not open."""
        values = {"state": "cancelled", "ended": now, "owner": "", "lease": 0}
        return self._change((_OF.id == identity) & _OF.state.in_(OPEN), values)

    def again(self, identity: int, now: int) -> Job | None:
        """Let one that failed or was cancelled wait again, as if it had never been tried; None if it is not such a one.

        Raises ConflictError if another one of its kind and key is open.
        """
        where = (_OF.id == identity) & _OF.state.in_(("failed", "cancelled"))
        values = {"state": "waiting", "due": now, "attempt": 0, "began": None, "ended": None, "reason": None, "done": 0}
        with self._database.write() as connection:
            found = _one(connection, where)
            if found is None:
                return None
            if _twin(connection, msgspec.structs.replace(found, slot=None)) is not None:
                hint = "Look at the list of jobs."
                raise ConflictError(Problem("job.open", "Another job does the same already.", hint=hint))
            return _changed(connection, update(JOBS).where(where).values(values))

    def release(self, now: int | None) -> list[Job]:
        """Let wait again what runs and has no living owner: whose lease has ended by now; None: all that runs."""
        abandoned = _OF.state == "running"
        abandoned = abandoned if now is None else abandoned & (_OF.lease <= now)
        values = {"state": "waiting", "owner": "", "lease": 0}
        with self._database.write() as connection:
            found = connection.execute(update(JOBS).where(abandoned).values(values).returning(JOBS))
            return [_job(row) for row in found]

    def counts(self) -> dict[tuple[str, str, State], int]:
        """Return how many jobs there are, by site, kind and state."""
        query = select(_OF.site, _OF.kind, _OF.state, func.count()).group_by(_OF.site, _OF.kind, _OF.state)
        with self._database.read() as connection:
            return {(site, kind, state): number for site, kind, state, number in connection.execute(query)}

    def failing(self) -> list[Job]:
        """Return the jobs that failed for good and that none of the same site, kind and key has made good since."""
        newest = select(func.max(_OF.id)).where(_OF.state.in_(ENDED)).group_by(_OF.site, _OF.kind, _OF.key)
        query = select(JOBS).where(_OF.state == "failed", _OF.id.in_(newest)).order_by(_OF.id)
        with self._database.read() as connection:
            return [_job(row) for row in connection.execute(query)]

    def forget(self, before: int) -> int:
        """Delete jobs that ended before a moment (ms); return how many."""
        gone = delete(JOBS).where(_OF.state.in_(ENDED), _OF.ended < before)
        with self._database.write() as connection:
            return connection.execute(gone).rowcount

    def _change(self, where: ColumnElement[bool], values: dict[str, Any]) -> Job | None:
        with self._database.write() as connection:
            return _changed(connection, update(JOBS).where(where).values(values))


def failed_since(connection: Connection, site: str, ended: int, limit: int) -> list[Job]:
    """Return the jobs of a site, and of none, that failed after a moment (ms), in order."""
    query = select(JOBS).where(_OF.state == "failed", _OF.site.in_((site, "")), _OF.ended > ended)
    return [_job(row) for row in connection.execute(query.order_by(_OF.ended, _OF.id).limit(limit))]


def _changed(connection: Connection, change: Update) -> Job | None:
    row = connection.execute(change.returning(JOBS)).first()
    return None if row is None else _job(row)


def _own(job: Job) -> ColumnElement[bool]:
    return (_OF.id == job.id) & (_OF.owner == job.owner) & (_OF.state == "running")


def _one(connection: Connection, where: ColumnElement[bool]) -> Job | None:
    row: Row[Any] | None = connection.execute(select(JOBS).where(where)).first()
    return None if row is None else _job(row)


def _twin(connection: Connection, job: Job) -> Job | None:
    """Return the open job of the same site, kind and key, or the one of the same slot."""
    same = (_OF.site == job.site) & (_OF.kind == job.kind) & (_OF.key == job.key)
    found = _one(connection, same & _OF.state.in_(OPEN))
    return found if found or job.slot is None else _one(connection, same & (_OF.slot == job.slot))


def _conditions(wanted: WantedJobs) -> list[ColumnElement[bool]]:
    found = [] if wanted.site is None else [_OF.site == clean(wanted.site)]
    found += [_OF.kind == clean(wanted.kind)] if wanted.kind else []
    return found + ([_OF.state == wanted.state] if wanted.state else [])


def _columns(job: Job) -> dict[str, Any]:
    named = {name: getattr(job, name) for name in ("site", "kind", "slot", "created", "owner", "lease")}
    author = {"author": clean(job.author.name), "author_id": clean(job.author.id)}
    return {**named, **author, "key": clean(job.key), "arguments": as_json(job.arguments), **_changing(job)}


def _changing(job: Job) -> dict[str, Any]:
    values = {name: getattr(job, name) for name in ("state", "done", "total", "due", "began", "ended", "attempt")}
    values |= {"note": as_json(job.note), "result": as_json(job.result)}
    return {**values, "reason": None if job.reason is None else as_json(job.reason)}


def _job(row: Row[Any]) -> Job:
    named = dict(row._mapping)
    author = Author(named.pop("author"), named.pop("author_id"))
    reason = named.pop("reason")
    named |= {name: _objects.decode(named.pop(name)) for name in ("arguments", "note", "result")}
    return Job(**named, author=author, reason=None if reason is None else _problems.decode(reason))
