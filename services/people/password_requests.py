"""Somebody forgot the password: written down at the door, answered by a worker.

The door does the same for every address, so neither its answer nor its time tells who works here.
"""

import logging

from sqlalchemy import delete, select, text

from errors import AppError
from models.base import db
from models.people.password_link import PasswordRequest
from models.people.user import User
from models.tenancy import Actor, acting_in
from services.mailbox.default_senders import account_for_notices
from services.people.password_links import offer_reset
from services.people.places import companies_of

logger = logging.getLogger(__name__)
ALONE = text("SELECT pg_try_advisory_xact_lock(700_011)")
STRANGER = Actor(kind="stranger", source="job")


def note_request(email: str) -> None:
    """Write down that this address wants a link, whoever it belongs to."""
    db.session.add(PasswordRequest(email=email))
    db.session.flush()


def answer_requests(*, base_url: str) -> int:
    """Send a link to each address that a user has; returns how many. Commits as it goes."""
    sent = 0
    while (email := _next_address()) is not None:
        user = db.session.scalar(User.by_email(email))
        try:
            if user is not None and user.is_active:
                sent += _answer(user, base_url)
        except AppError as problem:  # such as an address that cannot be written to
            db.session.rollback()
            logger.warning("a request for a password came to nothing: %s", type(problem).__name__)
            _take_away(email)
        db.session.commit()
    return sent


def _next_address() -> str | None:
    """The oldest request, taken away with all others of the same address; one worker at a time."""
    if not db.session.scalar(ALONE):
        db.session.rollback()
        return None
    oldest: PasswordRequest | None = db.session.scalar(
        select(PasswordRequest).order_by(PasswordRequest.id).limit(1)
    )
    if oldest is None:
        db.session.rollback()
        return None
    email = oldest.email
    _take_away(email)
    return email


def _take_away(email: str) -> None:
    db.session.execute(
        delete(PasswordRequest)
        .where(PasswordRequest.email == email)
        .execution_options(synchronize_session=False)
    )


def _answer(user: User, base_url: str) -> bool:
    """Through the first organization of the user that can send."""
    for company in companies_of(user):
        with acting_in(company.organization.id, actor=STRANGER):
            if account_for_notices() is not None:
                offer_reset(user, base_url=base_url)
                return True
    logger.warning("user %s wants a new password, and no mail account can send a link", user.id)
    return False
