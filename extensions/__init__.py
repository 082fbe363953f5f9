"""What Flask needs around it: sign-in, CSRF, languages, rate limits, headers, logs; each part in its own file."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager
from flask_mail import Mail
from flask_wtf.csrf import CSRFProtect

from extensions.built_files import asset
from extensions.headers import csp_nonce, harden
from extensions.hosts import know_hosts, refuse_foreign_host
from extensions.languages import (
    OneLookup,
    babel,
    other_languages,
    reader_language,
    reader_time_zone,
    words_of,
)
from extensions.logs import name_request
from extensions.made_once import OneSigner
from extensions.odd_requests import limit_form, refuse_nul

login_manager = LoginManager()
csrf = CSRFProtect()
system_mail = Mail()
limiter = Limiter(get_remote_address, default_limits=[], headers_enabled=False)


def init_app(
    app: Flask,
    *,
    load_user: Callable[[str], Any],
    hosts: Sequence[str],
    portal_at: Callable[[str], str | None],
) -> None:
    """Connect all of them to the application; `portal_at` says which portal is served at a host of its own."""
    app.session_interface = OneSigner()
    know_hosts(app, hosts, portal_at)
    babel.init_app(app, locale_selector=reader_language, timezone_selector=reader_time_zone)
    babel.domain_instance = OneLookup()  # templates ask it, too
    login_manager.init_app(app)
    login_manager.user_loader(load_user)
    login_manager.session_protection = None  # our sessions are rows that we can end
    app.before_request(name_request)
    app.before_request(refuse_foreign_host)
    app.before_request(limit_form)  # before the CSRF check, which reads the form
    csrf.init_app(app)
    app.before_request(refuse_nul)
    limiter.init_app(app)
    system_mail.init_app(app)
    app.jinja_env.globals.update(csp_nonce=csp_nonce, asset=asset, _=words_of, gettext=words_of)
    app.jinja_env.globals["other_languages"] = other_languages
    app.after_request(harden)
