"""The contract of the catalog's database: on SQLite, and on the PostgreSQL that LENTICULAR_TEST_POSTGRES names."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from lenticular.stores.sql.catalog import SqlCatalogs
from lenticular.stores.sql.database import SqlDatabase

POSTGRES = os.environ.get("LENTICULAR_TEST_POSTGRES", "")
_skip = pytest.mark.skipif(not POSTGRES, reason="LENTICULAR_TEST_POSTGRES names no database")


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=_skip)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database; of PostgreSQL, a schema of its own."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'catalog.db'}"
        return
    schema = f"test_{os.getpid()}"
    engine = create_engine(POSTGRES)
    try:
        with engine.begin() as connection:
            connection.execute(text(f"DROP SCHEMA IF EXISTS {schema} CASCADE"))
            connection.execute(text(f"CREATE SCHEMA {schema}"))
        own = make_url(POSTGRES).update_query_dict({"options": f"-csearch_path={schema}"})
        yield own.render_as_string(hide_password=False)
        with engine.begin() as connection:
            connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    finally:
        engine.dispose()


@pytest.fixture
def database(url: str) -> Iterator[SqlDatabase]:
    opened = SqlDatabase(url)
    yield opened
    opened.close()


@pytest.fixture
def catalogs(database: SqlDatabase) -> SqlCatalogs:
    return SqlCatalogs(database)
