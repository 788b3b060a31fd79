from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import inspect, text

from lenticular.errors import LenticularError, StoreError
from lenticular.stores.sql.database import SqlDatabase
from lenticular.stores.sql.migrate import HEAD, upgrade
from lenticular.stores.sql.webhook_tables import METADATA


def schema(database: SqlDatabase) -> dict[str, Any]:
    """Everything that can be said of a database's tables."""
    look = inspect(database.engine)
    told = {}
    for table in look.get_table_names():
        told[table] = (
            [(c["name"], str(c["type"]), c["nullable"], c["default"]) for c in look.get_columns(table)],
            look.get_pk_constraint(table),
            sorted(str(one) for one in look.get_foreign_keys(table)),
            sorted(re.sub(r"<.*?>", "", str(one)) for one in look.get_indexes(table)),
            sorted(str(where) for one in look.get_indexes(table) for where in one.get("dialect_options", {}).values()),
        )
    return told


def test_migrations_lead_to_the_tables_of_today(url: str, tmp_path: Path) -> None:
    made = SqlDatabase(url)
    at_once = schema(made)
    with made.write() as connection:
        METADATA.drop_all(connection)
        connection.execute(text("DELETE FROM alembic_version"))
        upgrade(connection)
    assert schema(made) == at_once and set(at_once) == {*METADATA.tables, "alembic_version"}
    made.close()
    again = SqlDatabase(url)
    with again.read() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == HEAD
    again.close()


def test_every_version_is_named_and_the_newest_is_known() -> None:
    import lenticular.stores.sql.migrations.versions as versions

    files = sorted(path.stem for path in Path(versions.__path__[0]).glob("v*.py"))
    assert [name[1:5] for name in files] == [f"{at:04}" for at in range(1, len(files) + 1)]
    assert files[-1][1:5] == HEAD


def test_a_database_of_a_later_version_is_left_alone(url: str) -> None:
    made = SqlDatabase(url)
    with made.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    made.close()
    with pytest.raises(StoreError) as error:
        SqlDatabase(url)
    assert "newer version" in str(error.value)


@pytest.mark.parametrize("wrong", ["what", "mysql://u@h/d", "nonsense://h/d", ""])
def test_what_is_no_database_is_refused(wrong: str) -> None:
    with pytest.raises(LenticularError) as error:
        SqlDatabase(wrong)
    [problem] = error.value.problems
    assert problem.place == "LENTICULAR_DATABASE" and problem.hint


def test_a_database_that_cannot_be_had_says_so_without_its_password(tmp_path: Path) -> None:
    pytest.importorskip("psycopg")
    with pytest.raises(StoreError) as error:
        SqlDatabase("postgresql://eve:secret@127.0.0.1:1/shop")
    assert "secret" not in str(error.value) and "127.0.0.1" in str(error.value)
    (tmp_path / "text.db").write_text("no database, but long enough to be looked at" * 100)
    with pytest.raises(StoreError) as error:
        SqlDatabase(f"sqlite:///{tmp_path / 'text.db'}")
    assert "Restore it from a backup: lenticular restore" in str(error.value)
    with pytest.raises(StoreError):
        SqlDatabase(f"sqlite:///{tmp_path / 'nowhere' / 'catalog.db'}")


def test_what_is_written_is_on_disk(tmp_path: Path) -> None:
    database = SqlDatabase(f"sqlite:///{tmp_path / 'catalog.db'}")
    with database.read() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    database.close()
    with pytest.raises(sqlite3.IntegrityError):
        sqlite3.connect(tmp_path / "catalog.db").execute("INSERT INTO sites VALUES (NULL, NULL, NULL)")


def test_commands_that_need_no_database_load_none() -> None:
    program = "import lenticular.cli.main, sys; sys.exit(any(n in sys.modules for n in ('sqlalchemy', 'alembic')))"
    assert subprocess.run([sys.executable, "-c", program], check=False, timeout=60).returncode == 0


def test_a_database_that_is_up_to_date_needs_no_alembic(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'catalog.db'}"
    program = (
        "import sys; from lenticular.stores.sql.database import SqlDatabase; SqlDatabase(sys.argv[1]).close();"
        "SqlDatabase(sys.argv[1]).close(); sys.exit('alembic' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program, url], check=False, timeout=60).returncode == 0
