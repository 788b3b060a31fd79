"""What the admin API does with pictures: upload, list, read, change, remove."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Controller, Request, delete, get, post, put
from litestar.di import NamedDependency, Provide
from litestar.exceptions import HTTPException
from litestar.params import JSONBody, Parameter, QueryParameter
from litestar.response import File

from lenticular.app.pictures.pictures import Incoming, Pictures, unknown_picture
from lenticular.app.pictures.uses import PictureUse, refuse_used, uses_of_picture
from lenticular.app.pictures.value import Value, checked_alt, checked_focus, checked_name, value_of
from lenticular.catalog.picture import KeptPicture, Point, Text
from lenticular.errors import LenticularError, Problem
from lenticular.ports.pictures import PictureSearch
from lenticular.stores.codecs.encode import RECIPE
from lenticular.stores.files.pictures import ORIGINAL
from lenticular.web.api.author import By, author_of
from lenticular.web.api.described import refusal
from lenticular.web.api.paging import page_size
from lenticular.web.api.place import AtSite, site_place
from lenticular.web.api.record import note
from lenticular.web.api.segments import Limit

PictureHash = Annotated[str, Parameter(description="The hash of a picture, as its address has it.")]
FileName = Annotated[str, QueryParameter(description="What the file is called.")]
Alt = Annotated[str, QueryParameter(description="What it shows, for who can't see it.")]
FromLeft = Annotated[float | None, QueryParameter(description="What must stay visible: from the left, 0 to 1.")]
FromTop = Annotated[float | None, QueryParameter(description="What must stay visible: from the top, 0 to 1.")]
Words = Annotated[str, QueryParameter(description="Words of its name; all of them.")]
Before = Annotated[int | None, QueryParameter(description="Where the page before ended: its `next`.")]
_MB = 1_000_000


class PictureView(msgspec.Struct, frozen=True):
    """A picture: `value` is what goes into a setting or a field. `ready`: whether all its sizes are there.

    `kind` is the format that was uploaded, `bytes` its length; `notes` say what was done with it that may surprise.
    """

    hash: str
    name: str
    kind: str
    bytes: int
    created: int
    author: str
    ready: bool
    notes: list[str]
    value: Value


class PictureDetail(msgspec.Struct, frozen=True):
    """A picture, and what uses it."""

    picture: PictureView
    uses: list[PictureUse]


class PicturePage(msgspec.Struct, frozen=True):
    """Pictures, the newest first; `next` is where the next page begins, if there is one."""

    pictures: list[PictureView]
    next: int | None


class PictureChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is said of a picture from now on; pages have their own texts. What is left out stays."""

    name: str | None = None
    alt: Text | None = None
    focus: Point | msgspec.UnsetType | None = msgspec.UNSET


class Said(msgspec.Struct, frozen=True):
    """What is said of a picture with its upload."""

    name: str
    alt: Text
    focus: Point | None


def said(name: FileName = "", alt: Alt = "", x: FromLeft = None, y: FromTop = None) -> Said:
    """Return what a request says of its picture. Raises LenticularError."""
    return Said(checked_name(name), checked_alt(alt), checked_focus(x, y))


class PicturesController(Controller):
    """The pictures of a site."""

    path = "/api/sites/{key:str}/pictures"
    tags = ("Pictures",)
    dependencies = {"site": Provide(site_place), "author": Provide(author_of)}  # noqa: RUF012  # Litestar's form

    @get("/", summary="The pictures of a site")
    async def pictures(self, site: AtSite, q: Words = "", before: Before = None, limit: Limit = 100) -> PicturePage:
        """List pictures, the newest first."""
        store, size = site.installation.pictures.store, page_size(limit)
        upto = None if before is None else max(0, min(before, (1 << 63) - 1))
        search = PictureSearch(tuple(q.split()), upto, size + 1)
        found = await site.installation.in_store(store.search, site.site.key, search)
        shown = found[:size]
        return PicturePage([_view(one) for one in shown], shown[-1].number if len(found) > size else None)

    @post(
        "/",
        summary="Upload a picture",
        status_code=201,
        dependencies={"said": Provide(said, sync_to_thread=False)},
        responses={413: refusal("The picture is larger than `LENTICULAR_PICTURE_MB`.")},
    )
    async def upload(
        self, request: Request[Any, Any, Any], site: AtSite, author: By, said: NamedDependency[Said]
    ) -> PictureView:
        """Take the body as a picture, whatever its media type says. Answered once it is on disk."""
        key, pictures = site.site.key, site.installation.pictures
        data = await _body(request, site.installation.settings.picture_mb * _MB)
        kept = await pictures.take(key, Incoming(data, author, said.name, said.alt, said.focus))
        site.installation.jobs.wake()
        note(request, kept.hash, f'added the picture "{kept.name}"')
        return _view(kept, said.alt, said.focus)

    @get("/{picture:str}", summary="A picture")
    async def picture(self, site: AtSite, picture: PictureHash) -> PictureDetail:
        """Return a picture, and the definitions, drafts and plans that show it."""
        found = await _pictures(site).find(site.site.key, picture)
        return PictureDetail(_view(found), await uses_of_picture(site.site, picture))

    @put("/{picture:str}", summary="Change what is said of a picture", status_code=200)
    async def change(
        self, request: Request[Any, Any, Any], site: AtSite, picture: PictureHash, data: JSONBody[PictureChange]
    ) -> PictureView:
        """Change its name, usual text and focus; what shows it already stays as it is."""
        pictures = _pictures(site)
        found = await pictures.find(site.site.key, picture)
        changed = msgspec.structs.replace(
            found,
            name=found.name if data.name is None else checked_name(data.name),
            alt=found.alt if data.alt is None else checked_alt(data.alt),
            focus=found.focus if data.focus is msgspec.UNSET else _focus(data.focus),
        )
        if not await pictures.in_store(pictures.store.change, changed):
            raise LenticularError(unknown_picture(picture))
        note(request, picture, f'changed the picture "{changed.name}"')
        return _view(changed)

    @delete(
        "/{picture:str}",
        summary="Remove a picture",
        status_code=204,
        responses={409: refusal("Something uses it; `problems` say what.")},
    )
    async def remove(self, request: Request[Any, Any, Any], site: AtSite, picture: PictureHash) -> None:
        """Remove a picture that nothing uses, neither live nor in a draft or a plan."""
        found = await _pictures(site).find(site.site.key, picture)
        await refuse_used(site.site, picture)
        await _pictures(site).forget(site.site.key, picture)
        note(request, picture, f'removed the picture "{found.name}"')

    @get("/{picture:str}/original", summary="What was uploaded", media_type="application/octet-stream")
    async def original(self, site: AtSite, picture: PictureHash) -> File:
        """Return the file as it came, with all that it says of where and when it was taken."""
        found = await _pictures(site).find(site.site.key, picture)
        path = _pictures(site).files.find(picture, ORIGINAL)
        if path is None:
            hint = "Upload it once more; lenticular doctor says which others are missing."
            raise LenticularError(Problem("picture.missing", "The picture's file is missing.", hint=hint))
        headers = {"x-content-type-options": "nosniff", "content-security-policy": "default-src 'none'; sandbox"}
        name = f"{found.src.rpartition('/')[2].rpartition('.')[0]}.{found.kind}"
        return File(path, filename=name, media_type="application/octet-stream", headers=headers)


def _pictures(site: Any) -> Pictures:
    found: Pictures = site.installation.pictures
    return found


def _focus(focus: Point | None) -> Point | None:
    return None if focus is None else checked_focus(focus.x, focus.y)


async def _body(request: Request[Any, Any, Any], most: int) -> bytes:
    """Return the body of a request. Raises HTTPException for one that is too large."""
    found = bytearray()
    async for piece in request.stream():
        found += piece
        if len(found) > most:
            detail = f"A picture has at most {most // _MB} MB. Make it smaller, or raise LENTICULAR_PICTURE_MB."
            raise HTTPException(detail, status_code=413)
    return bytes(found)


def _view(one: KeptPicture, alt: Text = "", focus: Point | None = None) -> PictureView:
    return PictureView(
        hash=one.hash,
        name=one.name,
        kind=one.kind,
        bytes=one.bytes,
        created=one.created,
        author=one.author.name,
        ready=one.made == RECIPE,
        notes=list(one.notes),
        value=value_of(one, alt, focus),
    )
