"""Tells what it reads on stdin through a Python library: `tell_python.py segment|rudder HOST KEY OPTIONS`.

Each line is a list of calls; when they are sent a line says what went wrong with them.
"""

from __future__ import annotations

import importlib
import json
import re
import sys
from datetime import datetime
from typing import Any

MODULES = {"segment": "segment.analytics", "rudder": "rudderstack.analytics"}


def revived(value: Any) -> Any:
    """Return a JSON value with its dates as dates."""
    if isinstance(value, dict):
        if "$date" in value:
            return datetime.fromisoformat(value["$date"])
        return {name: revived(each) for name, each in value.items()}
    return [revived(each) for each in value] if isinstance(value, list) else value


def main(library: str, host: str, key: str, options: dict[str, Any]) -> None:
    """Tell every line."""
    errors: list[str] = []
    client = importlib.import_module(f"{MODULES[library]}.client").Client(
        key, host=host, on_error=lambda error, batch: errors.append(f"{len(batch)}: {error}"), **options
    )
    print(json.dumps(importlib.import_module(f"{MODULES[library]}.version").VERSION), flush=True)
    for line in sys.stdin:
        for call in json.loads(line):
            given = {re.sub("[A-Z]", lambda upper: f"_{upper[0].lower()}", name): call[name] for name in call}
            getattr(client, given.pop("call"))(**revived(given))
        client.flush()
        print(json.dumps(errors), flush=True)
        errors.clear()
    client.shutdown()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], json.loads(sys.argv[4]))
