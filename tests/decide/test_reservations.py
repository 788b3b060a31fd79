from __future__ import annotations

from lenticular.decide.reservations import RESERVED, Reservations


def test_a_reservation_ends_after_a_minute() -> None:
    book = Reservations()
    book.reserve([1], ["a", "b"], "d1", 1_000)
    assert book.active([1], 1_000) == {"a": (1_000 + RESERVED,), "b": (1_000 + RESERVED,)}
    assert book.active([1], 999 + RESERVED).keys() == {"a", "b"}
    assert book.active([1], 1_000 + RESERVED) == {}
    assert book.active([2], 1_000) == {}


def test_it_is_released_once_by_decision_and_item() -> None:
    book = Reservations()
    book.reserve([1], ["a"], "d1", 0)
    book.reserve([1], ["a"], "d1", 5)
    book.reserve([1], ["a"], "d2", 7)
    assert book.active([1], 10) == {"a": (RESERVED, 7 + RESERVED)}
    book.release([1], "a", "d1")
    book.release([1], "a", "d1")
    book.release([1], "b", "d1")
    book.release([9], "a", "d1")
    assert book.active([1], 10) == {"a": (7 + RESERVED,)}
    book.release([1], "a", "d2")
    assert len(book) == 0


def test_one_made_later_than_now_is_not_active() -> None:
    book = Reservations()
    book.reserve([1], ["a"], "d1", 100_000)
    assert book.active([1], 99_999) == {}


def test_reservations_of_two_hold_when_they_are_one() -> None:
    book = Reservations()
    book.reserve(["phone"], ["a"], "d1", 0)
    book.reserve(["laptop"], ["a"], "d2", 10)
    assert sorted(book.active(["laptop", "phone"], 20)["a"]) == [RESERVED, 10 + RESERVED]
    book.reserve(["laptop", "phone"], ["a"], "d1", 30)
    assert len(book) == 2
    book.release(["laptop", "phone"], "a", "d1")
    assert book.active(["laptop", "phone"], 20) == {"a": (10 + RESERVED,)}


def test_memory_holds_one_minute() -> None:
    book = Reservations()
    for at in range(0, 600_000, 100):
        book.reserve([at], ["a", "b"], f"d{at}", at)
    assert len(book) == 2 * RESERVED // 100
    assert len(book._queue) == len(book)
    book.reserve([1], [], "end", 10_000_000)
    assert (len(book), book._ends, len(book._queue)) == (0, {}, 0)
