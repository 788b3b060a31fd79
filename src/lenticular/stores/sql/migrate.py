"""Bring a database's schema up to date.

An empty database gets today's tables at once; one of an earlier version is taken through Alembic's migrations, which is
loaded for that alone (ADR 0025). A test sees to it that both ways lead to the same schema.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Column, Connection, MetaData, String, Table, insert, inspect, select

from lenticular.errors import Problem, StoreError
from lenticular.stores.sql.picture_tables import METADATA

HEAD = "0007"
"""The newest migration."""

_VERSIONS = Table("alembic_version", MetaData(), Column("version_num", String(32), primary_key=True, nullable=False))


def migrate(connection: Connection) -> None:
    """Create the tables, or bring them up to date, in the connection's transaction. Raises StoreError."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(4839205017)")  # one server at a time
    if not inspect(connection).has_table(_VERSIONS.name):
        METADATA.create_all(connection)
        _VERSIONS.create(connection)
        connection.execute(insert(_VERSIONS).values(version_num=HEAD))
        return
    found = connection.execute(select(_VERSIONS.c.version_num)).scalar()
    if found == HEAD:
        return
    if found is not None and found > HEAD:
        message = f"The database is of a newer version ({found}) than this program knows ({HEAD})."
        raise StoreError(Problem("catalog.version", message, hint="Run the newer version of Lenticular again."))
    upgrade(connection)


def must_be_new(connection: Connection) -> None:
    """Refuse a database that would have to be brought up to date first. Raises StoreError."""
    there = inspect(connection).has_table(_VERSIONS.name)
    found = connection.execute(select(_VERSIONS.c.version_num)).scalar() if there else None
    if found != HEAD:
        message = "The database must be brought up to date, and can't be written to."
        raise StoreError(Problem("catalog.version", message, hint="Let the folder be written to."))


def upgrade(connection: Connection, upto: str = "head") -> None:
    """Run the migrations that a database has not seen."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, upto)
