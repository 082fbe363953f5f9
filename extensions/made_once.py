"""What Flask would make anew at every request, made once."""

from collections.abc import MutableMapping
from typing import Any

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from flask.templating import Environment
from itsdangerous import URLSafeTimedSerializer


class OneSigner(SecureCookieSessionInterface):
    """Makes what signs the cookie once for each set of keys, not at every request."""

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        keys = (app.secret_key, *(app.config["SECRET_KEY_FALLBACKS"] or ()))
        found: dict[Any, URLSafeTimedSerializer | None] = app.extensions.setdefault("signers", {})
        if keys not in found:
            found.clear()
            found[keys] = super().get_signing_serializer(app)
        return found[keys]


class OneNamespace(Environment):
    """Templates have the names that all of them have in one dictionary, not each in a chain of two that is walked through anew."""

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return super().make_globals(d) if d else self.globals
