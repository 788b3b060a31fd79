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


@contextmanager
def schema() -> Iterator[str]:
    """Yield the URL of an empty schema, which is gone afterwards."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    engine = create_engine(POSTGRES)
    try:
        with engine.begin() as connection:
            connection.execute(text(f"CREATE SCHEMA {name}"))
        own = make_url(POSTGRES).update_query_dict({"options": f"-csearch_path={name}"})
        yield own.render_as_string(hide_password=False)
        with engine.begin() as connection:
            connection.execute(text(f"DROP SCHEMA {name} CASCADE"))
    finally:
        engine.dispose()
