from __future__ import annotations

import pytest

from lenticular.accounts.throttle import Throttle, network_of

HOUR = 3_600_000


def test_some_tries_are_free_then_the_wait_doubles_up_to_a_quarter_of_an_hour() -> None:
    throttle, now, waits = Throttle(3), 1_000, []
    for _ in range(16):
        waits.append(throttle.wait("eve", now))
        now += waits[-1]
        assert throttle.wait("eve", now) == 0
        throttle.tried("eve", now)
    assert waits == [0, 0, 0, *(min(1000 << at, 900_000) for at in range(13))]
    assert throttle.wait("tom", now) == 0


def test_waiting_is_over_after_an_hour_and_when_a_try_was_good() -> None:
    throttle = Throttle(2)
    for _ in range(9):
        throttle.tried("eve", 0)
    assert throttle.wait("eve", HOUR - 1) == 0 < throttle.wait("eve", 0)
    throttle.tried("eve", HOUR)
    assert throttle.wait("eve", HOUR) == 0
    throttle.tried("eve", HOUR)
    throttle.tried("eve", HOUR)
    assert throttle.wait("eve", HOUR) > 0
    throttle.take_back("eve")
    throttle.take_back("eve")
    assert throttle.wait("eve", HOUR) == 0
    throttle.tried("eve", HOUR)
    throttle.forget("eve")
    throttle.tried("eve", HOUR)
    assert throttle.wait("eve", HOUR) == 0


def test_a_clock_that_goes_back_locks_nobody_out() -> None:
    throttle = Throttle(1)
    throttle.tried("eve", 100 * HOUR)
    throttle.tried("eve", 100 * HOUR)
    assert throttle.wait("eve", 0) <= 900_000


def test_it_remembers_so_many_and_forgets_the_oldest() -> None:
    throttle = Throttle(0)
    for at in range(20_001):
        throttle.tried(str(at), 0)
    assert throttle.wait("0", 0) == 0 < throttle.wait("1", 0)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("unknown", "unknown"),
    ],
)
def test_an_address_is_counted_as_its_network(address: str, network: str) -> None:
    assert network_of(address) == network


def test_of_those_who_have_to_wait_the_first_refusal_after_each_try_is_told() -> None:
    throttle = Throttle(1)
    assert not throttle.refuse("eve")
    throttle.tried("eve", 0)
    assert [throttle.refuse("eve") for _ in range(3)] == [True, False, False]
    throttle.tried("eve", 2_000)
    assert [throttle.refuse("eve") for _ in range(2)] == [True, False]
