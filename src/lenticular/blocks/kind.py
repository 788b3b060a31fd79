"""A kind of block: what it is called, its settings, and the template that shows it."""

from __future__ import annotations

from typing import ClassVar, Literal

from lenticular.blocks.fields import Settings

Group = Literal["layout", "text", "media", "content", "action"]
Items = Literal["none", "one", "many"]


class Kind:
    """Base of all kinds; a package's own is a subclass, named by an entry point of the group `lenticular.blocks`.

    Its docstring's first line is the help that editors read. The template is the file `NAME.html` beside the class's
    module, or `template`. `items` says whether a collection fills it, and `most` how many of its items are shown
    at all; `contains` whether other blocks lie in it; `opens` whether its title can be the page's own (the first such
    block of a page gets the `h1`).
    """

    name: ClassVar[str] = ""
    label: ClassVar[str] = ""
    group: ClassVar[Group] = "content"
    items: ClassVar[Items] = "none"
    most: ClassVar[int] = 100
    contains: ClassVar[bool] = False
    opens: ClassVar[bool] = False
    template: ClassVar[str] = ""
    settings: ClassVar[type[Settings]] = Settings

    @classmethod
    def help(cls) -> str:
        """Return what it is for, in one line."""
        return (cls.__doc__ or "").strip().partition("\n")[0]

    @classmethod
    def template_file(cls) -> str:
        """Return the name of its template's file."""
        return cls.template or f"{cls.name}.html"
