"""`lenticular site keys`."""

from __future__ import annotations

from pathlib import Path

from tests.process import good, refused, server


def test_keys_are_made_listed_and_ended(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with server(data) as started:
        started.api("PUT", "/api/sites/shop", {"timezone": "UTC"})
        old = started.api("GET", "/api/sites/shop/catalog")["site"]["writeKey"]
        new = good("site", "keys", "new", "--grace", "12h", data=data).splitlines()[0]
        secret = good("site", "keys", "new", "--secret", data=data).splitlines()[0]
        listed = good("site", "keys", "list", data=data).splitlines()
        assert [line.split()[1] for line in listed] == ["secret", "public", "public"]
        assert secret.startswith("lk_") and secret not in "".join(listed) and secret[-4:] in listed[0]
        assert new in listed[1] and "in use  never used" in listed[1]
        assert old in listed[2] and "until 20" in listed[2]
        assert started.post("/v1/track", {"event": "E", "anonymousId": "a"}, key=old).status_code == 200
        said = good("site", "keys", "end", listed[2].split()[0], data=data)
        assert "ended" in said and "last used 20" in said
        assert started.post("/v1/track", {"event": "E", "anonymousId": "a"}, key=old).status_code == 401
    assert "no time for a key" in "".join(refused("site", "keys", "new", "--grace", "soon", data=data))
