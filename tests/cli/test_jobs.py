"""`lenticular jobs` and `lenticular segment history`: with a server, which does them, and without one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.shop import COLUMNS, write
from tests.process import ServerProcess, good, refused, server


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("jobs")
    good("import", "events", write(folder, "rows.csv"), *COLUMNS, data=folder / "data")
    catalog = folder / "catalog"
    good("catalog", "export", catalog, data=folder / "data")
    (catalog / "segments").mkdir(exist_ok=True)
    (catalog / "segments" / "gold.yaml").write_text('name: Gold\nrule: user.plan == "gold"\n')
    (catalog / "segments" / "tin.yaml").write_text('name: Tin\nrule: not segment("gold")\n')
    good("catalog", "import", catalog, data=folder / "data")
    return folder / "data"


@pytest.fixture(scope="module")
def running(data: Path) -> Iterator[ServerProcess]:
    with server(data) as started:
        yield started


def ids(printed: str) -> list[int]:
    return [int(line.split()[0]) for line in printed.splitlines()]


def look(data: Path) -> None:
    """Have jobs done, and look at them and at what they left."""
    done = good("jobs", "run", "segment-sizes", data=data)
    assert "/segment-sizes  done, 2 of 2, ended " in done
    [number] = ids(done)
    assert "purge  done" in good("jobs", "run", "purge", data=data)
    assert number in ids(good("jobs", "list", data=data))
    newest = ("--kind", "segment-sizes", "--state", "done", "--limit", "1")
    assert ids(good("jobs", "list", *newest, data=data)) == [number]
    shown = good("jobs", "show", str(number), data=data)
    assert 'result: {"segments":2' in shown and "asked for by admin at 20" in shown
    assert json.loads(good("jobs", "show", str(number), "--json", data=data))["state"] == "done"
    history = good("segment", "history", "gold", data=data).splitlines()
    assert history[0].split()[1:] == ["1"] and history[1].startswith("  published by admin: Gold (segment) was added")
    counts = good("segment", "history", "gold", "--hours", "--json", data=data).splitlines()
    hours = [json.loads(line) for line in counts]
    assert hours[-1]["size"] == 1 and hours[-1]["joined"] == 0
    assert "gold  Plan is gold.  (untrusted)  [1 person at 20" in good("segment", "list", data=data)


def test_without_a_server(data: Path) -> None:
    look(data)


def test_with_a_server(running: ServerProcess) -> None:
    look(running.data)


def test_a_list_of_one_site_and_of_all(running: ServerProcess) -> None:
    good("jobs", "run", "purge", data=running.data)
    done = good("jobs", "run", "segment-sizes", data=running.data)
    site = done.split()[1].partition("/")[0]
    everything = good("jobs", "list", "--limit", "0", data=running.data)
    assert "  purge  done" in everything
    here = good("jobs", "list", "--limit", "0", "--site", site, data=running.data)
    assert here and "  purge  " not in here


def test_what_goes_wrong_is_said(running: ServerProcess) -> None:
    data = running.data
    job = good("jobs", "list", "--limit", "1", data=data)
    number = str(ids(job)[0])
    assert "This job is done." in refused("jobs", "retry", number, data=data)[0]
    assert "This job has ended." in refused("jobs", "cancel", number, data=data)[0]
    for command in ("show", "cancel", "retry"):
        assert "There is no job 99999." in refused("jobs", command, "99999", data=data)[0]
    assert "There is no kind of job 'purgatory'" in refused("jobs", "run", "purgatory", data=data)[0]
    assert "no JSON object" in refused("jobs", "run", "purge", "--arguments", "[", data=data)[0]
    arguments = ("--arguments", '{"what": "members", "segment": "nothing"}')
    assert "There is no segment" in refused("jobs", "run", "export", *arguments, data=data)[0]
    assert "There is no segment" in refused("segment", "history", "nothing", data=data)[0]
    assert "is not a day" in refused("segment", "history", "gold", "--from", "May", data=data)[0]
