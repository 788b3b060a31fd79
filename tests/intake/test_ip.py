"""Addresses are kept without their ends, and believed of those who can know them."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lenticular.intake.context import context_values
from lenticular.intake.ip import ip_reader, truncated
from lenticular.intake.sender import Sender
from lenticular.profiles.event import Values


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("203.0.113.77", "203.0.113.0"),
        ("10.1.2.255", "10.1.2.0"),
        ("2001:db8:7:8:9:a:b:c", "2001:db8:7::"),
        ("::1", "::"),
        ("::ffff:203.0.113.77", "203.0.113.0"),
        ("fe80::1%eth0", "fe80::"),
        ("", ""),
        ("unix:", ""),
        ("203.0.113", ""),
        ("203.0.113.77:443", ""),
        ("203.0.113.077", ""),
    ],
)
def test_truncated(address: str, kept: str) -> None:
    assert truncated(address) == kept


@given(st.ip_addresses())
def test_all_of_a_network_are_kept_as_one(address: object) -> None:
    short = ip_address(truncated(str(address)))
    whole = ip_address(str(address))
    mapped = getattr(whole, "ipv4_mapped", None) or whole
    assert mapped in ip_network(f"{short}/{24 if short.version == 4 else 48}")
    assert truncated(str(short)) == str(short)


def place_of(address: str) -> Values:
    return {"t_country": "PT", "t_city": "Porto"} if address == "203.0.113.77" else {}


READ = ip_reader(place_of, kept=True)
KEPT = {"t_ip": "203.0.113.0", "t_country": "PT", "t_city": "Porto"}


def test_what_is_kept_of_an_address() -> None:
    assert READ("::ffff:203.0.113.77") == READ("203.0.113.77") == KEPT
    assert ip_reader(place_of, kept=False)("203.0.113.77") == {"t_country": "PT", "t_city": "Porto"}
    assert ip_reader(None, kept=True)("203.0.113.77") == {"t_ip": "203.0.113.0"}
    assert READ("nonsense") == {}


def test_a_servers_word_is_believed_a_visitors_is_not() -> None:
    told = {"ip": "203.0.113.77"}
    server = Sender(of_ip=READ)
    assert context_values(told, {}, server, trusted=True) == KEPT
    assert context_values({**told, "location": {"country": "es"}}, {}, server, trusted=True) == {
        "t_ip": "203.0.113.0",
        "t_country": "ES",
    }
    assert context_values({"ip": 7}, {}, server, trusted=True) == {}
    assert context_values(told, {}, Sender(place={"t_ip": "198.51.100.0"})) == {"t_ip": "198.51.100.0"}
