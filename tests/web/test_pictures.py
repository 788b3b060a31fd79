"""Pictures over HTTP: uploaded, served, listed, changed, removed; a visitor never gets a broken page."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from io import BytesIO
from typing import Any

import httpx
import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from lenticular.catalog.picture import widths_of
from lenticular.settings import Settings
from tests.stores.codecs import made
from tests.web.editing import Desk
from tests.web.shop import Shop, open_shop
from tests.web.visitors import Browser, answered, signed_in

pytestmark = pytest.mark.asyncio(loop_scope="session")
PICTURES = "/api/sites/shop/pictures"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def own(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shop]:
    """A shop of its own: whose pictures are few and small."""
    async with open_shop(tmp_path_factory.mktemp("pictures"), Settings(picture_mb=1)) as shop:
        yield shop
        await Browser.close_all()


async def upload(shop: Shop, data: bytes, **said: Any) -> Any:
    return answered(await shop.admin.post(PICTURES, content=data, params=said), 201)


def problem(answer: httpx.Response, status: int) -> Any:
    """Return the first problem of an answer that must have a status."""
    return answered(answer, status)["problems"][0]


async def all_ready(shop: Shop) -> None:
    """Return when every picture has its variants."""
    async with asyncio.timeout(120):
        while not all(one["ready"] for one in answered(await shop.admin.get(PICTURES), 200)["pictures"]):
            await asyncio.sleep(0.05)


async def test_a_photo(own: Shop) -> None:
    """It comes as it is, and is shown upright, in all sizes, with nothing that says where it was taken."""
    data = made.photo(1500, 1000)
    view = await upload(own, data, name="C:\\fotos\\Playa de mañana.JPEG", alt="A beach", x=0.25, y=0.75)
    value = view["value"]
    assert value["src"] == f"/lenticular/pictures/{view['hash']}/Playa-de-manana.jpg"
    assert {**value, "src": ""} == {
        "src": "", "alt": "A beach", "width": 1000, "height": 1500, "focus": {"x": 0.25, "y": 0.75}
    }  # fmt: skip
    assert (view["kind"], view["bytes"], view["name"]) == ("jpeg", len(data), "Playa de mañana")
    await all_ready(own)
    folder = value["src"].rpartition("/")[0]
    addresses = {value["src"]: (1000, "image/jpeg")}
    addresses |= {
        f"{folder}/{width}/x.{form}": (width, f"image/{form}") for width in widths_of(1000) for form in ("avif", "webp")
    }
    for address, (width, kind) in addresses.items():
        answer = await own.visitor.get(address)
        assert (answer.status_code, answer.headers["content-type"]) == (200, kind)
        assert "immutable" in answer.headers["cache-control"] and answer.headers["x-content-type-options"] == "nosniff"
        with Image.open(BytesIO(answer.content)) as image:
            assert image.size == (width, round(width * 1.5)) and not image.getexif()
        assert b"SECRET" not in answer.content
        again = await own.visitor.get(address, headers={"if-none-match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        head = await own.visitor.head(address)
        assert head.headers["content-length"] == str(len(answer.content)) and head.content == b""
    original = await own.admin.get(f"{PICTURES}/{view['hash']}/original")
    assert original.content == data and original.headers["content-type"] == "application/octet-stream"
    assert 'filename="Playa-de-manana.jpeg"' in original.headers["content-disposition"]


async def test_what_is_not_made_yet_is_answered_with_what_everybody_knows(own: Shop) -> None:
    jobs = own.installation.jobs
    kind, jobs.by_itself = jobs.kinds.pop("pictures"), False
    try:
        view = await upload(own, made.saved(made.halves(700, 500), "PNG"))
        answer = await own.visitor.get(f"/lenticular/pictures/{view['hash']}/320/picture.avif")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
        assert answer.headers["cache-control"] == "no-cache" and not view["ready"]
    finally:
        jobs.kinds["pictures"], jobs.by_itself = kind, True
    jobs.wake()
    await all_ready(own)
    answer = await own.visitor.get(f"/lenticular/pictures/{view['hash']}/320/picture.avif")
    assert answer.headers["content-type"] == "image/avif"


async def test_a_drawing_is_served_so_that_nothing_in_it_runs(own: Shop) -> None:
    view = await upload(own, made.drawing(), name="logo.svg")
    answer = await own.visitor.get(view["value"]["src"])
    policy = answer.headers["content-security-policy"]
    assert (answer.headers["content-type"], view["ready"]) == ("image/svg+xml", True)
    assert policy == "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    bad = problem(await own.admin.post(PICTURES, content=made.drawing("<script/>")), 422)
    assert (bad["code"], bad["place"]) == ("picture.svg", "line 2") and "<script>" in bad["message"]


@pytest.mark.parametrize(
    "address",
    [
        *("/", "", "/abc/a.jpg", f"/{'0' * 32}/a.jpg", f"/{'0' * 32}/640/a.avif", f"/{'0' * 32}"),
        *(f"/{'0' * 32}/../../secret.jpg", f"/{'0' * 32}/%2e%2e/a.jpg", "/%00/a.jpg", f"/{'0' * 32}/0/a.avif"),
    ],
)
async def test_unknown_addresses(address: str, own: Shop) -> None:
    answer = await own.visitor.get(f"/lenticular/pictures{address}")
    assert answer.status_code == 404 and "immutable" not in answer.headers.get("cache-control", "")


async def test_other_methods(own: Shop) -> None:
    assert (await own.visitor.post(f"/lenticular/pictures/{'0' * 32}/a.jpg")).status_code == 405


async def test_too_large(own: Shop) -> None:
    refused = await own.admin.post(PICTURES, content=bytes(1_000_001))
    assert refused.status_code == 413 and "LENTICULAR_PICTURE_MB" in refused.json()["title"]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"x": 2}, "picture.focus"), ({"y": "nan"}, "picture.focus"), ({"alt": "a" * 2_001}, "picture.alt"),
        ({"name": "a" * 300}, "picture.name"),
    ],
)  # fmt: skip
async def test_wrong_words(said: dict[str, Any], code: str, own: Shop) -> None:
    assert problem(await own.admin.post(PICTURES, content=made.drawing(), params=said), 422)["code"] == code


async def test_lists_and_changes(own: Shop) -> None:
    views = [
        await upload(own, made.drawing(more=f'width="{number + 1}" height="1"'), name=f"Icon {number}.svg")
        for number in range(3)
    ]
    first = answered(await own.admin.get(PICTURES, params={"q": "ICON", "limit": 2}), 200)
    rest = answered(await own.admin.get(PICTURES, params={"q": "icon", "before": first["next"]}), 200)
    assert [one["name"] for one in (*first["pictures"], *rest["pictures"])] == ["Icon 2", "Icon 1", "Icon 0"]
    assert rest["next"] is None
    one = f"{PICTURES}/{views[0]['hash']}"
    said = {"name": "Café.svg", "alt": {"en": "A cup", "es": "Una taza"}, "focus": {"x": 0.1, "y": 1}}
    changed = answered(await own.admin.put(one, json=said), 200)
    assert changed["value"]["src"].endswith("/Cafe.svg") and changed["value"]["alt"] == said["alt"]
    assert answered(await own.admin.put(one, json={"focus": None}), 200)["value"].get("focus") is None
    assert answered(await own.admin.get(one), 200)["picture"]["name"] == "Café"
    for wrong in ({"alt": {"not a language": "x"}}, {"focus": {"x": 7, "y": 0}}):
        problem(await own.admin.put(one, json=wrong), 422)
    assert problem(await own.admin.put(f"{PICTURES}/{'0' * 32}", json={}), 404)["code"] == "picture.unknown"
    lines = answered(await own.admin.get("/api/audit", params={"text": views[0]["hash"]}), 200)["entries"]
    assert 'changed the picture "Café"' in [line["sentence"] for line in lines]


async def test_what_is_used_stays(own: Shop) -> None:
    """Live, in a draft, or planned: what uses it is told."""
    view = await upload(own, made.saved(made.halves(50, 60), "PNG"), name="Used")
    one, desk = f"{PICTURES}/{view['hash']}", Desk(own)
    page = (await desk.get("definitions/pages/legal"))["body"]
    text = {"kind": "rich-text", "position": "a", "settings": {"text": f'<img src="{view["value"]["src"]}">'}}
    await desk.save("pages/legal", {**page, "blocks": {"text": text}})
    refused = problem(await own.admin.delete(one), 409)
    assert refused["code"] == "picture.used" and "a draft" in refused["message"]
    await desk.published("pages/legal")
    uses = answered(await own.admin.get(one), 200)["uses"]
    assert [(use["kind"], use["key"], use["where"]) for use in uses] == [("pages", "legal", "live")]
    problem(await own.admin.delete(one), 409)
    await desk.save("pages/legal", page)
    await desk.published("pages/legal")
    answered(await own.admin.delete(one), 204)
    assert (await own.visitor.get(view["value"]["src"])).status_code == 404
    assert problem(await own.admin.get(one), 404)["code"] == "picture.unknown"


async def test_blocks_are_shown_without_a_picture_that_is_missing(own: Shop) -> None:
    """Until somebody uploads it: then it is there at once."""
    data = made.saved(made.halves(800, 300), "PNG")
    view = await upload(own, data, name="lost")
    value = view["value"]
    answered(await own.admin.delete(f"{PICTURES}/{view['hash']}"), 204)
    desk = Desk(own)
    page = (await desk.get("definitions/pages/home"))["body"]
    blocks = {"hero": {"kind": "hero", "position": "a", "settings": {"title": "Welcome", "picture": value}}}
    await desk.save("pages/home", {**page, "experiences": [], "blocks": blocks})
    preview = answered(await own.admin.post("/api/sites/shop/publications/preview", json={
        "drafts": [{"kind": "pages", "definition": "home"}]
    }), 200)  # fmt: skip
    [warning] = [one for one in preview["warnings"] if one["code"] == "catalog.missing-picture"]
    assert warning["place"] == "pages/home/blocks/hero/settings/picture/src"
    await desk.published("pages/home")

    async def shown() -> str:
        return str((await own.decide(own.someone(), page="/", render=True))["page"]["html"])

    assert "Welcome" in await shown() and "<img" not in await shown()
    await upload(own, data)
    html = await shown()
    assert f'src="{value["src"]}"' in html and 'type="image/avif"' in html and 'fetchpriority="high"' in html
    assert f"/lenticular/pictures/{view['hash']}/640/lost.webp 640w" in html and "style=" not in html
    foreign = await own.decide(own.someone(), page="/", render=True, context={"url": "https://bank.example/"})
    assert f'src="{own.url}{value["src"]}"' in foreign["page"]["html"]
    assert f", {own.url}/lenticular/pictures/{view['hash']}/640/lost.webp 640w" in foreign["page"]["html"]
    assert foreign["page"]["blocks"][0]["settings"]["picture"]["src"] == f"{own.url}{value['src']}"


async def test_the_same_picture_at_once(own: Shop) -> None:
    data = made.saved(made.halves(90, 80), "PNG")
    views = await asyncio.gather(*(upload(own, data, name=f"same {number}") for number in range(6)))
    assert len({view["hash"] for view in views}) == len({view["name"] for view in views}) == 1
    found = answered(await own.admin.get(PICTURES, params={"q": "same"}), 200)["pictures"]
    assert len(found) == 1
    folder = own.installation.folder.path / "pictures"
    await all_ready(own)
    async with asyncio.timeout(60):  # a moment after its files are there the folder goes that they were made in
        while list(folder.glob(".*")):
            await asyncio.sleep(0.02)


async def test_two_sites_have_the_same_picture(own: Shop) -> None:
    """It goes with the last of them."""
    answered(await own.admin.put("/api/sites/other", json={}), 200)
    data = made.saved(made.halves(70, 50), "PNG")
    view = await upload(own, data)
    answered(await own.admin.post("/api/sites/other/pictures", content=data), 201)
    answered(await own.admin.delete(f"{PICTURES}/{view['hash']}"), 204)
    assert (await own.visitor.get(view["value"]["src"])).status_code == 200
    answered(await own.admin.delete(f"/api/sites/other/pictures/{view['hash']}"), 204)
    assert (await own.visitor.get(view["value"]["src"])).status_code == 404


async def test_a_damaged_file_is_mended_by_its_upload(own: Shop) -> None:
    data = made.saved(made.halves(71, 51), "PNG")
    view = await upload(own, data)
    home = own.installation.pictures.files.folder / view["hash"][:2] / view["hash"]
    (home / "original").write_bytes(b"damaged")
    (home / "fallback.png").unlink()
    assert (await own.visitor.get(view["value"]["src"])).status_code == 404
    await upload(own, data)
    assert (home / "original").read_bytes() == data
    assert (await own.visitor.get(view["value"]["src"])).status_code == 200


async def test_an_editor_uploads_and_a_viewer_looks(own: Shop) -> None:
    editor = await signed_in(own, "editor@example.com", shop="editor")
    viewer = await signed_in(own, "viewer@example.com", shop="viewer")
    drawing, proof = made.drawing(more='width="77" height="1"'), {"x-csrf-token": editor.proof}
    view = answered(await editor.http.post(PICTURES, content=drawing, headers=proof), 201)
    assert (await editor.http.post(PICTURES, content=drawing)).status_code == 403
    refused = await viewer.http.post(PICTURES, content=drawing, headers={"x-csrf-token": viewer.proof})
    assert problem(refused, 403)["code"] == "access.role"
    answered(await viewer.http.get(f"{PICTURES}/{view['hash']}"), 200)
    assert (await viewer.http.get(f"{PICTURES}/{view['hash']}/original")).status_code == 403


_HEADS = [made.drawing(), made.photo(20, 10), made.see_through(), made.moving("GIF"), made.moving("WEBP"),
          made.saved(made.halves(20, 10), "AVIF"), b""]  # fmt: skip


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
async def test_whatever_is_uploaded_is_a_picture_or_refused(data: st.DataObject, own: Shop) -> None:
    """Bytes that begin like a picture and go wrong somewhere: 4xx or a picture that is served, never 5xx."""
    body = bytearray(data.draw(st.sampled_from(_HEADS)))
    for _ in range(data.draw(st.integers(0, 4))):
        at = data.draw(st.integers(0, len(body)))
        body[at : at + data.draw(st.integers(0, 8))] = data.draw(st.binary(max_size=8))
    body = body[: data.draw(st.integers(0, len(body)))] if data.draw(st.booleans()) else body
    answer = await own.admin.post(PICTURES, content=bytes(body))
    assert answer.status_code == 201 or 400 <= answer.status_code < 500, answer.text
    if answer.status_code == 201:
        assert (await own.visitor.get(answer.json()["value"]["src"])).status_code == 200
