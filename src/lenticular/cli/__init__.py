"""The command line: one file per command."""

from __future__ import annotations

import sys


def start() -> None:
    """Run the command line, or say what it needs: the base install has the engine alone."""
    try:
        from lenticular.cli.main import main
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] == "lenticular":
            raise
        sys.stderr.write(
            f"The command line belongs to the server, and {error.name} is not installed.\n"
            "    Install it with: pip install 'lenticular[server]'\n"
        )
        raise SystemExit(1) from None
    main()
