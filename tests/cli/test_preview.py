"""`lenticular preview`."""

from __future__ import annotations

from pathlib import Path

from tests.process import good, refused, server


def test_links_are_made_listed_and_taken_back(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with server(data) as started:
        started.api("PUT", "/api/sites/shop", {"timezone": "UTC"})
        assert good("preview", "list", data=data) == "There are no preview links."
        path = good("preview", "link", "/college", "--drafts", "--hours", "5", data=data).strip()
        assert path.startswith("/college?lenticular-preview=")
        line = good("preview", "list", data=data).strip()
        assert "  /college  as whoever opens it with drafts  by admin  until 20" in line
        assert line.endswith("never looked at")
        said = good("preview", "revoke", line.split()[0], data=data)
        assert "taken back 20" in said
        assert "no such preview link" in "".join(refused("preview", "revoke", "x", data=data))
        assert "no segment" in "".join(refused("preview", "link", "--segment", "gone", data=data))
        assert "Nobody is known" in "".join(refused("preview", "link", "--user-id", "u", data=data))
