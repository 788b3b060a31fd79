"""The PostgreSQL that LENTICULAR_TEST_POSTGRES names (a URL): a schema of its own for each test that wants one."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import create_engine, make_url, text

POSTGRES = os.environ.get("LENTICULAR_TEST_POSTGRES", "")
DATABASES = [
    "sqlite",
    pytest.param("postgres", marks=pytest.mark.skipif(not POSTGRES, reason="LENTICULAR_TEST_POSTGRES names none")),
]
"""What a test is run on: parameters of a fixture."""

_numbers = itertools.count()


READING = (
    "FROM pg_stat_activity WHERE query LIKE 'FETCH%%' AND pid <> pg_backend_pid()"
    " AND application_name = current_setting('application_name')"
)
"""Whoever reads from a cursor of the same schema's URL."""


@contextmanager
def schema() -> Iterator[str]:
    """Yield the URL of an empty schema, which is gone afterwards; its name is that of the application, too."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    engine = create_engine(POSTGRES)
    try:
        with engine.begin() as connection:
            connection.execute(text(f"CREATE SCHEMA {name}"))
        own = make_url(POSTGRES).update_query_dict({"options": f"-csearch_path={name}", "application_name": name})
        yield own.render_as_string(hide_password=False)
        with engine.begin() as connection:
            # What a test that failed has left open would hold it.
            gone = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = :name"
            connection.execute(text(gone), {"name": name})
            connection.execute(text(f"DROP SCHEMA {name} CASCADE"))
    finally:
        engine.dispose()
