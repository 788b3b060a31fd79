"""What every command shares: the settings, the site, and how problems are told."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import click
import msgspec

from lenticular.errors import LenticularError, Problem
from lenticular.settings import Settings, load

P = ParamSpec("P")
T = TypeVar("T")


class Options(msgspec.Struct):
    """The options before the command, and those of the command that mean the same."""

    data: Path
    site: str | None
    settings: Settings
    zone: str | None = None


def data_option(command: Callable[P, T]) -> Callable[P, T]:
    """Add `--data` to a command; it means what it means before the command."""
    return click.option(
        "--data",
        type=click.Path(path_type=Path),
        default=None,
        help="The data folder.",
        expose_value=False,
        callback=_set_data,
    )(command)


def site_option(command: Callable[P, T]) -> Callable[P, T]:
    """Add `--site` to a command."""
    return click.option(
        "--site",
        default=None,
        help="The site's key; may be left out if there is one site.",
        expose_value=False,
        callback=_set_site,
    )(command)


def zone_option(command: Callable[P, T]) -> Callable[P, T]:
    """Add `--tz` to a command. A site's zone is fixed when it is created: for one that exists it is only checked."""
    return click.option(
        "--tz",
        default=None,
        metavar="ZONE",
        help="The site's time zone: sets that of a new site (UTC if left out), checks that of an old one.",
        expose_value=False,
        callback=_set_zone,
    )(command)


def options() -> Options:
    """Return the options of the running command."""
    found = click.get_current_context().find_root().obj
    if not isinstance(found, Options):
        found = Options(load(os.environ).data, None, load(os.environ))
        click.get_current_context().find_root().obj = found
    return found


def run(command: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
    """Run an async command, and tell its problems without a stack trace."""

    @wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            asyncio.run(command(*args, **kwargs))
        except (LenticularError, OSError, UnicodeError) as error:
            tell(told(error))
            raise SystemExit(1) from None

    return wrapped


def told(error: LenticularError | OSError | UnicodeError) -> LenticularError:
    """Return an error as problems: of the system, such as a name that is too long, or of a text that is none."""
    if isinstance(error, LenticularError):
        return error
    if isinstance(error, OSError):
        place = "" if error.filename is None else str(error.filename)[:200]
        said = error.strerror or str(error)
        return LenticularError(
            Problem("system", f"The system says: {said}.", place, "Look at the path and its rights.")
        )
    return LenticularError(Problem("arguments", "A text that was given is not UTF-8.", hint="Write it in UTF-8."))


def tell(error: LenticularError) -> None:
    """Print problems, one per line: where, what, and what to do."""
    for problem in error.problems:
        place = click.style(f"{_sound(problem.place)}: ", bold=True) if problem.place else ""
        click.echo(f"{place}{_sound(problem.message)}", err=True)
        if problem.hint:
            click.echo(f"    {_sound(problem.hint)}", err=True)


def _sound(text: str) -> str:
    """Return a text that any terminal can print: a path may hold what is no UTF-8."""
    return text.encode("utf-8", "backslashreplace").decode()


def _set_data(context: click.Context, option: click.Parameter, value: Path | None) -> None:
    if value is not None:
        options().data = value


def _set_zone(context: click.Context, option: click.Parameter, value: str | None) -> None:
    if value is not None:
        options().zone = value


def _set_site(context: click.Context, option: click.Parameter, value: str | None) -> None:
    if value is not None:
        options().site = value
