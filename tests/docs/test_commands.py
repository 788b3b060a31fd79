"""Every command and option is on the page, and every command line on any page can be typed."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

import click
import pytest

from lenticular.cli.main import main
from tests.docs.page import ROOT, fences, pages, read, sections


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


def command_lines() -> Iterator[tuple[str, str]]:
    for page in pages():
        for fence in fences(page.read_text()):
            if fence.tag in ("sh", "console"):
                for line in fence.text.replace("\\\n", " ").splitlines():
                    words = re.sub(r"^\$ ", "", line.strip())
                    if re.match(r"(?:[A-Z_]+=\S+ )*lenticular\b", words):
                        yield str(page.relative_to(ROOT)), words


def parse(words: list[str]) -> str:
    """Read a command line as the real one would be, without running it; return the command's name."""
    command: click.Command = main
    parent: click.Context | None = None
    name = "lenticular"
    while True:
        context = command.make_context(name, words, parent=parent, resilient_parsing=False)
        if not isinstance(command, click.Group):
            return context.command_path
        rest = [*context._protected_args, *context.args]
        assert rest, f"{context.command_path} needs a command"
        found, resolved, words = command.resolve_command(context, rest)
        assert resolved is not None
        name, command, parent = found or "", resolved, context


@pytest.mark.parametrize(("path", "command"), list(commands(main)), ids=lambda value: str(value)[:40])
def test_every_command_is_on_its_page_with_every_option(path: tuple[str, ...], command: click.Command) -> None:
    arguments = [
        str(one.make_metavar(click.Context(command))) for one in command.params if isinstance(one, click.Argument)
    ]
    section = sections(read("docs/cli.md")).get(f"`{' '.join(('lenticular', *path, *arguments))}`")
    assert section is not None
    given = {option for one in command.params if isinstance(one, click.Option) for option in one.opts}
    assert set(re.findall(r"`(--[a-z-]+)", section.partition("| option |")[2])) == given


def test_the_options_before_the_command_are_on_the_page() -> None:
    beginning = read("docs/cli.md").partition("\n## ")[0]
    for one in main.params:
        assert all(option in beginning for option in one.opts)


@pytest.mark.parametrize(("page", "line"), list(command_lines()))
def test_a_command_line_on_a_page_can_be_typed(page: str, line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    words = shlex.split(line, comments=True)
    while "=" in words[0]:
        name, _, value = words.pop(0).partition("=")
        monkeypatch.setenv(name, value)
    assert parse(words[1:]).startswith("lenticular ")


def test_a_command_line_that_does_not_exist_is_noticed() -> None:
    for wrong in (
        ["segment", "cuont", "x"],
        ["segment", "count"],
        ["serve", "--prot", "5"],
        ["import", "events", "a", "--type", "x"],
    ):
        with pytest.raises(click.UsageError):
            parse(wrong)
