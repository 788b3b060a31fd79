"""The ad is shown once a day: in two tabs, on two devices of one person, on all pages, and to everybody else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.demo.proof.conftest import Device, running
from tests.demo.proof.layout import decision
from tests.process import ServerProcess

AD = "The Gold Card"


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[ServerProcess]:
    """A bank that nobody has been to."""
    with running(tmp_path / "data") as server:
        yield server


def test_the_ad_once_a_day_in_two_tabs_and_on_two_devices(demo: ServerProcess, chromium: Browser) -> None:
    laptop, phone = (Device(chromium, demo.url, viewport={"width": width, "height": 844}) for width in (1280, 390))
    first = laptop.sign_in("Elena Costa")
    assert AD in first.inner_text("main")
    second = laptop.open()
    assert AD not in second.inner_text("main") and second.inner_text("h1") == "Four years to go. Ready?"
    [ad] = [one for one in decision(second)["page"]["blocks"] if one["id"] == "ad"]
    assert (ad["reason"], ad["items"]) == ("CAPPED", [])
    # On her phone she is the same person once she has signed in.
    assert AD not in phone.sign_in("Elena Costa").inner_text("main")
    # The tab in which it was seen shows it no more when it is asked for again; other pages don't either.
    first.reload()
    assert AD not in first.inner_text("main")
    assert AD not in laptop.open("/retirement", first).inner_text("main")
    # Somebody else sees it all the same.
    stranger = Device(chromium, demo.url)
    assert AD in stranger.sign_in("Visitor 9f2c").inner_text("main")
    for one in (laptop, phone, stranger):
        one.close()
