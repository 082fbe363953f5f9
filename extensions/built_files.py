"""The files that the build of the front end has made, by their names."""

import json
from functools import cache
from pathlib import Path

from flask import g

DIST = Path(__file__).resolve().parent.parent / "static" / "dist"


@cache
def _manifest(changed: float) -> dict[str, str]:
    manifest: dict[str, str] = json.loads((DIST / "manifest.json").read_text())
    return manifest


def asset(name: str) -> str:
    """The built file behind a name, below `static/`: `app.css` is `dist/app.<hash>.css`."""
    try:
        names = g.assets
    except AttributeError:  # looked at once a request: a page names a dozen files
        path = DIST / "manifest.json"
        names = g.assets = _manifest(path.stat().st_mtime) if path.exists() else {}
    return f"dist/{names.get(name, name)}"
