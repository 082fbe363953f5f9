"""Put the product together: settings, transports, doors. The only file that knows everyone."""

import logging
from pathlib import Path
from typing import Any

from flask import Flask, current_app, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from psycopg.errors import QueryCanceled
from sqlalchemy.exc import DataError, OperationalError
from werkzeug.exceptions import HTTPException

import admin_views
import commands
import extensions
import models  # noqa: F401  # all tables are known
import portal
from admin_views.identity import load_staff
from errors import AppError
from extensions.logs import configure_logging
from extensions.made_once import OneNamespace
from jobs import queue
from mail.gateway import LocalGateway, MailGateway, NetworkGateway
from mail.name_lookup import NameLookup
from models import audit_trail, tenancy
from models.base import db
from models.lost_connection import is_lost
from models.sealing import keyring
from portal import own_domain
from portal.error_look import error_home, error_sender
from services.mailbox import given_up
from services.people import leaving
from services.portal import payment_emails
from services.portal.custom_domain import portal_at
from services.system.retelling import retold
from settings import Settings

logger = logging.getLogger(__name__)
HERE = Path(__file__).resolve().parent
RETRY_SECONDS = 10  # a restart of PostgreSQL takes as long
ERROR_PAGES = {400, 403, 404, 405, 409, 413, 422, 429, 500, 503}


def create_app(
    settings: Settings | None = None, *, mail_gateway: MailGateway | None = None
) -> Flask:
    """Assemble the product; tests pass their own settings and gateway."""
    settings = settings or Settings.from_env()
    app = Flask(__name__, root_path=str(HERE))
    app.jinja_environment = OneNamespace
    app.config.from_mapping(settings.for_flask())
    app.extensions["settings"] = settings
    own_gateway = LocalGateway() if settings.ventanilla_demo else NetworkGateway()
    app.extensions["mail_gateway"] = mail_gateway or own_gateway
    app.extensions["name_lookup"] = NameLookup()
    configure_logging(settings.log_level)
    keyring.use(settings.encryption_keys, file=settings.key_file)
    tenancy.install()
    audit_trail.install()
    leaving.install()
    given_up.install()
    payment_emails.install()

    db.init_app(app)
    queue.init_app(app, settings.redis_url)
    app.before_request(limit_page)
    extensions.init_app(app, load_user=load_staff, hosts=settings.hosts(), portal_at=portal_at)

    own_domain.init_app(app)  # before the guards: the staff's door is not there
    admin_views.register(app)
    portal.register(app)
    commands.register(app)
    register_error_pages(app)
    return app


def limit_page() -> None:
    """Pages, not workers: somebody waits, and there are few threads."""
    settings: Settings = current_app.extensions["settings"]
    tenancy.limit_statements(settings.statement_timeout_seconds)


def register_error_pages(app: Flask) -> None:
    """Expected errors say their sentence; all others are logged and shown as one calm page."""

    @app.errorhandler(AppError)
    def expected(problem: AppError) -> ResponseReturnValue:
        db.session.rollback()
        return _error_page(problem.status, retold(problem.message))

    @app.errorhandler(DataError)
    def too_odd(problem: DataError) -> ResponseReturnValue:
        """What was asked for fits into no column, such as a key of 25 digits."""
        logger.warning("unusable value on %s %s", request.method, request.endpoint)
        db.session.rollback()
        return _error_page(400, None)

    @app.errorhandler(OperationalError)
    def too_slow(problem: OperationalError) -> ResponseReturnValue:
        """The page's time was up (`STATEMENT_TIMEOUT_SECONDS`), or PostgreSQL is away; all else is a fault of ours."""
        if is_lost(problem):
            return database_away(problem)
        if not isinstance(problem.orig, QueryCanceled):
            return unexpected(problem)
        logger.warning("a statement took too long on %s %s", request.method, request.endpoint)
        db.session.rollback()
        sentence = _(
            "This takes too long at the moment, so it was stopped and nothing was changed. Narrow it down, or try again later."
        )
        return _error_page(503, sentence)

    def database_away(problem: OperationalError) -> ResponseReturnValue:
        logger.error(
            "the database does not answer on %s %s: %s",
            request.method,
            request.endpoint,
            type(problem.orig).__name__,
        )
        db.session.rollback()
        sentence = _(
            "The database does not answer. Nothing was changed halfway; try again in a moment."
        )
        page, status = _error_page(503, sentence)
        return page, status, {"Retry-After": str(RETRY_SECONDS)}

    @app.errorhandler(HTTPException)
    def refused(problem: HTTPException) -> ResponseReturnValue:
        if problem.code is None or problem.code < 400:
            return problem  # a redirect
        message = (
            _("The page was open for too long, or was not ours. Go back, reload it and try again.")
            if isinstance(problem, CSRFError)
            else None
        )
        return _error_page(problem.code, message)

    @app.errorhandler(Exception)
    def unexpected(problem: Exception) -> ResponseReturnValue:
        logger.error(
            "unexpected error on %s %s", request.method, request.endpoint, exc_info=problem
        )
        db.session.rollback()
        return _error_page(500, None)


def _error_page(status: int, message: Any) -> tuple[str, int]:
    page = f"errors/{status if status in ERROR_PAGES else 400}.html"
    number = g.get("request_id", "")
    text = render_template(
        page,
        message=message,
        request_id=number,
        home_url=error_home(),  # of a portal: its customers have nothing to do with ours
        sender=error_sender(status),
    )
    return text, status
