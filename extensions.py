"""What Flask needs around it: sign-in, CSRF, languages, rate limits, headers, logs."""

import json
import logging
import re
import secrets
import sys
from collections.abc import Callable, MutableMapping, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, abort, current_app, g, has_request_context, request, session
from flask.sessions import SecureCookieSessionInterface
from flask.templating import Environment
from flask_babel import Babel, Domain
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager, current_user
from flask_mail import Mail
from flask_wtf.csrf import CSRFProtect
from itsdangerous import URLSafeTimedSerializer
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup

LANGUAGES = ("es", "en")  # of staff; customers' pages offer their own (`portal/languages.py`)
LANGUAGE_NAMES = {"es": "Español", "en": "English", "pt": "Português"}  # each in its own words
FOREIGN_HOST = "ventanilla.foreign_host"
PORTAL_HOST = "ventanilla.portal_host"
STAFF_SESSION = "_user_id"  # where Flask-Login keeps the token of a staff session
CONTENT_POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?")
DIST = Path(__file__).resolve().parent / "static" / "dist"


class OneLookup(Domain):  # type: ignore[misc]  # Flask-Babel has no types
    """Looks for the reader's translations once, not for each of the hundred sentences of a page.

    Flask-Babel empties this place whenever the language changes.
    """

    def get_translations(self) -> Any:
        try:
            found = g._flask_babel.babel_translations
        except (AttributeError, RuntimeError):  # nobody has looked yet, or there is no page
            found = None
        if found is None:
            found = super().get_translations()
            if g:
                g._flask_babel.babel_translations = found
        return found


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


login_manager = LoginManager()
csrf = CSRFProtect()
babel = Babel()
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
    _know_hosts(app, hosts, portal_at)
    babel.init_app(app, locale_selector=reader_language, timezone_selector=reader_time_zone)
    babel.domain_instance = OneLookup()  # templates ask it, too
    login_manager.init_app(app)
    login_manager.user_loader(load_user)
    login_manager.session_protection = None  # our sessions are rows that we can end
    app.before_request(_name_request)
    app.before_request(_refuse_foreign_host)
    app.before_request(_limit_form)  # before the CSRF check, which reads the form
    csrf.init_app(app)
    app.before_request(_refuse_nul)
    limiter.init_app(app)
    system_mail.init_app(app)
    app.jinja_env.globals.update(csp_nonce=csp_nonce, asset=asset, _=words_of, gettext=words_of)
    app.jinja_env.globals["other_languages"] = other_languages
    app.after_request(_harden)


def reader_language() -> str:
    """The language of the person who reads: their own (staff's or a portal user's), this browser's choice, what the browser asks for, the first."""
    if not has_request_context():
        return getattr(g, "language", "es") if g else "es"
    chosen = g.get("reader_lang") or getattr(current_user, "lang", None) or session.get("lang")
    offered = _offered()
    if chosen in offered:
        return str(chosen)
    return request.accept_languages.best_match(offered) or offered[0]


def other_languages(here: str) -> list[tuple[str, str]]:
    """In which else this page can be read, with what each calls itself."""
    return [(each, LANGUAGE_NAMES[each]) for each in _offered() if each != here]


def _offered() -> Sequence[str]:
    found: Sequence[str] = g.get("languages") or LANGUAGES
    return found


def reader_time_zone() -> str | None:
    """The clock on the wall of the organization where the reader works, or whose portal it is; UTC for everybody else."""
    if has_request_context() and "portal" in g:
        return str(g.portal.organization.timezone)
    organization = getattr(current_user, "organization", None) if has_request_context() else None
    return organization.timezone if organization is not None else None


@pass_eval_context
def words_of(template: EvalContext, text: str, /, **values: Any) -> str:
    """What `_` and `{% trans %}` say in templates: as Jinja's own, in one call instead of three."""
    found: str = babel.domain_instance.get_translations().gettext(text)
    if template.autoescape:
        found = Markup(found)  # nosec B704  # a sentence of ours; its values are escaped below
    return found % values if "%" in found else found


def csp_nonce() -> str:
    """The nonce of this answer's scripts."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)


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


def _name_request() -> None:
    given = request.headers.get("X-Request-ID", "")
    g.request_id = given if re.fullmatch(r"[A-Za-z0-9-]{8,64}", given) else secrets.token_hex(8)


def _know_hosts(app: Flask, hosts: Sequence[str], portal_at: Callable[[str], str | None]) -> None:
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


def _refuse_foreign_host() -> None:
    if request.environ.get(FOREIGN_HOST):
        abort(400)


def _limit_form() -> None:
    """Only uploads of somebody signed in may be large; Werkzeug itself has no limit for plain forms.

    The CSRF check reads the whole body before the guard has asked who sends it.
    """
    if request.mimetype == "application/x-www-form-urlencoded" or not _is_somebody():
        request.max_content_length = current_app.config["MAX_FORM_MEMORY_SIZE"]


def _is_somebody() -> bool:
    """Whether anybody is signed in: staff, or whom a door with sessions of its own knows."""
    knowing = current_app.extensions.get("knows_visitor", ())
    return STAFF_SESSION in session or any(knows() for knows in knowing)


def _refuse_nul() -> None:
    """No text of ours holds NUL, and PostgreSQL takes none: whoever sends one gets a 400, not an error of ours."""
    sent = (
        request.path,
        *request.values.keys(),
        *(v for _n, v in request.values.items(multi=True)),
    )
    if any("\0" in text for text in sent):
        abort(400)


def _harden(response: Response) -> Response:
    """Strict headers on every answer, where it has not its own; private pages are not kept anywhere (`docs/security.md`)."""
    headers = response.headers
    strict = {
        "Content-Security-Policy": CONTENT_POLICY.format(nonce=csp_nonce()),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
        "X-Request-ID": g.get("request_id", ""),
    }
    if request.is_secure:
        strict["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    own = {name.lower() for name, _value in headers}
    headers.extend((name, value) for name, value in strict.items() if name.lower() not in own)
    if request.endpoint == "static" or g.get("is_kept_by_browsers"):
        headers["Cache-Control"] = "public, max-age=31536000, immutable"
    else:
        headers["Cache-Control"] = "no-store"
        headers.add("Vary", "HX-Request, HX-Target, Cookie")
    return _without_open_redirect(response)


def _without_open_redirect(response: Response) -> Response:
    """Redirects stay in this site: a `Location` that a browser could read as another host becomes `/`."""
    location = response.headers.get("Location")
    if location is not None:
        # The router names this site when it adds a slash at the end.
        path = re.sub(f"^{re.escape(request.host_url)}", "/", location)
        is_here = re.fullmatch(r"/(?![/\\])[^\x00-\x20\\]*", path)
        response.headers["Location"] = path if is_here else "/"
    return response


class JsonLines(logging.Formatter):
    """One JSON object an event: time, level, logger, sentence, ids; no contents."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "from": record.name,
            "event": record.getMessage(),
        }
        if has_request_context():
            line["request"] = g.get("request_id", "")
        line.update(getattr(record, "ids", {}))
        if record.exc_info:
            # PostgreSQL's details quote the row that it refused.
            line["trace"] = re.sub(r"\nDETAIL: .*", "", self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False, default=str)


def configure_logging(level: str, file: Path | None = None) -> None:
    """Write JSON lines to standard error, or to a file where a terminal shows only sentences."""
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
    handler = logging.StreamHandler(sys.stderr) if file is None else logging.FileHandler(file)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.getLogger("alembic").setLevel(logging.WARNING)
