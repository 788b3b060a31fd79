"""Schemathesis against the whole server: what the document allows, what it does not, and that answers are as said."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from hypothesis.strategies import SearchStrategy
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.hostile.asked import ENDLESS
from tests.hostile.running import Running
from tests.web.shop import TOKEN

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
FEW, MANY = 5, 400


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    found = Running(tmp_path_factory.mktemp("schemathesis"))
    found.start()
    yield found
    found.stop()


def operations(running: Running) -> list[APIOperation[Any, Any, Any, Any]]:
    document = httpx.get(f"{running.url}/api/openapi.json").json()
    schema = schemathesis.openapi.from_dict(document)
    schema.config.base_url = running.url
    found = list(schema.get_all_operations())
    assert all(isinstance(each, Ok) for each in found)
    known = [each.ok() for each in found if isinstance(each, Ok)]
    return [each for each in known if f"{each.method.upper()} {each.path}" not in ENDLESS]


def ask_all(running: Running, examples: int, number: int) -> None:
    everything = operations(running)
    assert len(everything) > 14
    for operation in everything:
        _ask(operation.as_strategy(generation_mode=GenerationMode.POSITIVE), examples, number)
        try:
            _ask(operation.as_strategy(generation_mode=GenerationMode.NEGATIVE), examples, number)
        except Unsatisfiable:  # nothing of it can be wrong
            assert not operation.body, operation.label


def _ask(strategy: SearchStrategy[Case[Any]], examples: int, number: int) -> None:
    @seed(number)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def ask(case: Case[Any]) -> None:
        if "key" in case.path_parameters and case.method != "PUT":
            case.path_parameters["key"] = "shop"
        if "segment" in case.path_parameters:
            case.path_parameters["segment"] = "guests"
        if "publication" in case.path_parameters and case.method != "GET":
            case.path_parameters["publication"] = 999_999  # to undo a real one would be no mistake
        answer = case.call(headers={"authorization": f"Bearer {TOKEN}"})
        if answer.status_code == 405:  # an odd name in the path led to another route
            return
        case.validate_response(answer, checks=CHECKS)

    ask()


def test_few_of_each(running: Running) -> None:
    ask_all(running, FEW, 1)


@pytest.mark.soak
@pytest.mark.parametrize("number", range(2, 5))
def test_many_of_each(running: Running, number: int) -> None:
    ask_all(running, MANY, number)
