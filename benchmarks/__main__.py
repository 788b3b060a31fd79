"""`python -m benchmarks` runs every module of this folder that has a `main`; `python -m benchmarks engine` runs one."""

from __future__ import annotations

import importlib
import platform
import sys
from pathlib import Path

FOLDER = Path(__file__).parent


def main(asked: list[str]) -> int:
    """Run what was asked for, or everything. Returns the exit code."""
    known = sorted(path.stem for path in FOLDER.glob("*.py") if not path.stem.startswith("_"))
    modules = {name: importlib.import_module(f"benchmarks.{name}") for name in known}
    runnable = [name for name, module in modules.items() if hasattr(module, "main")]
    unknown = [name for name in asked if name not in runnable]
    if unknown:
        print(f"There is no benchmark {', '.join(unknown)}. Known: {', '.join(runnable)}.", file=sys.stderr)
        return 2
    print(f"Python {platform.python_version()}, {platform.machine()}. Ratios count; times differ between machines.")
    for name in asked or runnable:
        print(f"\n## {name}")
        modules[name].main()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
