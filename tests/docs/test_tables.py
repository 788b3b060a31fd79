"""Nothing is missing: every setting, route, field and definition is on its page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from lenticular.app.decide import DecideRequest, Where
from lenticular.catalog.catalog import KINDS, Catalog
from lenticular.catalog.definition import Definition
from lenticular.settings import PREFIX, Settings
from lenticular.stores.files.catalog import read_catalog
from lenticular.web.collect import _ROUTES
from tests.docs.page import fences, read

HEADINGS = {
    "ContentItem": "Content item",
    "ContentType": "Content type",
    "ContentField": "Content field",
    "AllowedValue": "Allowed value",
    "MenuLink": "Menu link",
    "Banner": "Consent banner",
    "FrequencyCap": "Frequency cap",
}


def definitions(of: type[Definition] = Definition) -> Iterator[type[Definition]]:
    for struct in of.__subclasses__():
        if struct is not Catalog:
            yield struct
            yield from definitions(struct)


def test_every_setting_is_on_its_page_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `(LENTICULAR_\w+)` \| `(.*?)` \|", read("docs/settings.md"), re.MULTILINE))
    fields = msgspec.structs.fields(Settings)
    assert rows == {PREFIX + field.name.upper(): str(field.default) for field in fields}


def test_every_route_of_collect_is_on_its_page() -> None:
    page = read("docs/http.md")
    assert set(re.findall(r"(?<=`)(?:POST )?(/v1/[a-z]+)`", page)) - {"/v1/decide"} == set(_ROUTES)
    assert "`GET /v1/projects/{key}/settings`" in page
    assert "`POST /v1/decide`" in page and "`GET /v1/decide`" in page


def test_every_field_of_a_request_for_a_decision_is_on_its_page() -> None:
    section = read("docs/http.md").partition("\n## Decide")[2].partition("\n## ")[0]
    for name in (*DecideRequest.__struct_encode_fields__, *Where.__struct_encode_fields__):
        assert re.search(rf"`{name}\b", section), name


@pytest.mark.parametrize("struct", list(definitions()))
def test_every_field_of_a_definition_is_in_its_table(struct: type[Definition]) -> None:
    heading = HEADINGS.get(struct.__name__, struct.__name__)
    section = re.search(rf"^##+ {heading}$(.*?)(?=^##|\Z)", read("docs/catalog.md"), re.MULTILINE | re.DOTALL)
    assert section is not None
    rows = re.findall(r"^\| (`.*?) \|", section[1].partition("| field |")[2], re.MULTILINE)
    assert {name for row in rows for name in re.findall(r"`(\w+)`", row)} == set(struct.__struct_encode_fields__)


def test_the_files_on_the_catalog_page_are_a_catalog(tmp_path: Path) -> None:
    written = [fence for fence in fences(read("docs/catalog.md")) if fence.tag == "yaml"]
    for fence in written:
        path = tmp_path / fence.file
        path.parent.mkdir(exist_ok=True)
        path.write_text(fence.text)
    catalog, problems = read_catalog(tmp_path)
    assert not problems and catalog is not None
    assert all(len(getattr(catalog, kind)) == 1 for kind in KINDS) and len(written) == 1 + len(KINDS)
