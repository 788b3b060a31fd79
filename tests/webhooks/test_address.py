"""Addresses that must not be asked, in all forms, and those that may."""

from __future__ import annotations

import asyncio

import pytest

from lenticular.app.webhooks.send import Sender, resolved
from lenticular.errors import LenticularError
from lenticular.webhooks.address import may_be_asked, networks_of
from lenticular.webhooks.target import target_of
from tests.webhooks.receiver import receiving, status

PUBLIC = ["8.8.8.8", "1.1.1.1", "93.184.216.34", "2606:4700:4700::1111", "2001:4860:4860::8888", "::ffff:8.8.8.8"]
INSIDE = [
    *("127.0.0.1", "127.1.2.3", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1"),  # noqa: S104
    *("169.254.169.254", "169.254.0.1", "100.64.0.1", "192.0.0.1", "192.0.2.1", "198.18.0.1", "203.0.113.1"),
    *("224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255"),
    *("::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1", "fec0::1", "2001:db8::1"),
    *("::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:169.254.169.254", "::ffff:10.0.0.1", "::127.0.0.1", "::7f00:1"),
    *("64:ff9b::7f00:1", "64:ff9b::10.0.0.1", "2002:7f00:1::", "2002:a00:1::1", "64:ff9b:1::1", "100::1"),
    *("", "localhost", "127.0.0.1.nip.io", "127.1", "0x7f.1", "1.2.3", "256.1.1.1"),
]


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_may_be_asked(address: str) -> None:
    assert may_be_asked(address, ())


@pytest.mark.parametrize("address", INSIDE)
def test_others_may_not(address: str) -> None:
    assert not may_be_asked(address, ())


def test_a_setting_allows_networks_and_no_others() -> None:
    allowed = networks_of("10.1.0.0/16, fd00::/8", "X")
    for address in ("10.1.2.3", "::ffff:10.1.2.3", "fd12::1", "8.8.8.8"):
        assert may_be_asked(address, allowed), address
    for address in ("10.2.0.1", "127.0.0.1", "169.254.169.254", "fe80::1"):
        assert not may_be_asked(address, allowed), address
    for wrong in ("", "10.1.0.0/33", "10.1.0.1/16", "localhost", "10.0.0.0/8,,"):
        with pytest.raises(LenticularError):
            networks_of(wrong, "X")


@pytest.mark.parametrize(
    "url",
    [
        *("", "x", "//host/", "host/path", "ftp://host/", "file:///etc/passwd", "gopher://h/", "javascript:alert(1)"),
        *(
            "http://",
            "http:///path",
            "http://user@host/",
            "http://user:pw@host/",
            "http://host@127.0.0.1/",
            "http://:80/",
        ),
        *(
            "http://host/#x",
            "http://ho st/",
            "http://host/ä",
            "http://hö.st/",
            "http://host\\@127.0.0.1/",
            "http://h\n/",
        ),
        *("http://host:99999/", "http://host:0/", "http://host:x/", "http://[::1/", "http://[x]/", "http://a%00b/"),
        *("http://host/" + "x" * 2_000, "http://[fe80::1%25eth0]/", "http://ho*st/", "http://\0/"),
    ],
)
def test_what_is_no_url_to_ask_is_refused(url: str) -> None:
    with pytest.raises(LenticularError) as error:
        target_of(url)
    assert error.value.problems[0].code == "webhook.url"


@pytest.mark.parametrize(
    ("url", "parts", "authority"),
    [
        ("https://example.com", ("https", "example.com", 443, "/"), "example.com"),
        ("HTTP://Example.com:8080/a/b?c=d&e", ("http", "example.com", 8080, "/a/b?c=d&e"), "example.com:8080"),
        ("https://[2001:db8::1]:443/x", ("https", "2001:db8::1", 443, "/x"), "[2001:db8::1]"),
        ("http://xn--hst-sna.de/?q", ("http", "xn--hst-sna.de", 80, "/?q"), "xn--hst-sna.de"),
        ("http://2130706433/", ("http", "2130706433", 80, "/"), "2130706433"),
    ],
)
def test_where_a_url_leads(url: str, parts: tuple[str, str, int, str], authority: str) -> None:
    target = target_of(url)
    assert (target.scheme, target.host, target.port, target.path) == parts
    assert target.authority == authority


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0", "localhost", "[::1]", "[::ffff:127.0.0.1]"],
)
async def test_this_machine_is_not_asked_in_any_form(host: str) -> None:
    """A receiver listens there, and hears nothing."""
    async with receiving() as receiver:
        port = receiver.url.split(":")[2].partition("/")[0]
        answer = await Sender().send(f"http://{host}:{port}/", {}, b"{}")
        assert (answer.status, receiver.got) == (None, [])
        assert "public" in answer.error
        allowed = networks_of("127.0.0.0/8,::1", "X")
        if host not in ("0", "[::1]", "[::ffff:127.0.0.1]", "localhost"):
            assert (await Sender(allowed).send(f"http://{host}:{port}/", {}, b"{}")).status == 204


async def test_the_address_that_was_looked_at_is_the_one_that_is_asked() -> None:
    """A name that leads elsewhere the second time (DNS rebinding) is looked up once for each request."""
    asked: list[str] = []

    async def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.1"]

    async with receiving() as receiver:
        port = receiver.url.split(":")[2].partition("/")[0]
        sender = Sender(networks_of("127.0.0.1", "X"), resolve=resolve)
        url = f"http://hooks.example.com:{port}/x"
        assert (await sender.send(url, {}, b"{}")).status == 204
        assert receiver.got[0].headers["host"] == f"hooks.example.com:{port}"
        assert receiver.got[0].line == "POST /x HTTP/1.1"
        assert "public" in (await sender.send(url, {}, b"{}")).error
        assert asked == ["hooks.example.com"] * 2 and len(receiver.got) == 1


@pytest.mark.parametrize("others", [["127.0.0.1"], ["8.8.8.8", "10.0.0.1"], ["169.254.169.254", "8.8.8.8"], []])
async def test_one_address_that_may_not_be_asked_refuses_the_name(others: list[str]) -> None:
    async def resolve(host: str, port: int) -> list[str]:
        return others

    answer = await Sender(patience=5, resolve=resolve).send("http://hooks.example.com/", {}, b"{}")
    assert answer.status is None and "public" in answer.error


async def test_a_redirect_is_not_followed() -> None:
    async with receiving() as receiver, receiving() as elsewhere:
        receiver.always = status(302, "", location=elsewhere.url)
        answer = await Sender(networks_of("127.0.0.1", "X")).send(receiver.url, {}, b"{}")
        assert answer.status == 302 and elsewhere.got == []


async def test_names_are_looked_up_with_all_their_addresses() -> None:
    assert "127.0.0.1" in await resolved("127.0.0.1", 80)
    answer = await asyncio.wait_for(Sender().send("http://nowhere.invalid/", {}, b"{}"), 60)
    assert answer.status is None and answer.error
