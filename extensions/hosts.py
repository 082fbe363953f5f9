"""The names that this installation is called by: its own, and those of portals at a domain of their company."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from flask import Flask, abort, request

FOREIGN_HOST = "ventanilla.foreign_host"
PORTAL_HOST = "ventanilla.portal_host"
HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?")


def know_hosts(app: Flask, hosts: Sequence[str], portal_at: Callable[[str], str | None]) -> None:
    """Note foreign names before Flask believes them; `.example.com` stands for all names below it.

    A company's own domain is known to its portal, whose name is noted.

    Flask's own TRUSTED_HOSTS leaves the error page without addresses to build, and knows no IPv6.
    """
    serve = app.wsgi_app

    def checked(environ: dict[str, Any], start_response: Any) -> Any:
        found = HOST.fullmatch(environ.get("HTTP_HOST", "localhost").lower())
        name = found[1] if found else ""
        if name not in hosts and not any(h.startswith(".") and name.endswith(h) for h in hosts):
            with app.app_context():
                portal = portal_at(name)
            if portal is not None:
                environ[PORTAL_HOST] = portal
            else:
                environ["HTTP_HOST"] = "localhost"
                environ[FOREIGN_HOST] = True
        return serve(environ, start_response)

    app.wsgi_app = checked  # type: ignore[method-assign]  # Flask's documented way


def refuse_foreign_host() -> None:
    if request.environ.get(FOREIGN_HOST):
        abort(400)
