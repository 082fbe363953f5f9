"""The mailings of an organization: one by its public name, all of them page by page."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import select

from errors import NotFound
from models.base import db
from models.mailings.mailing import Mailing
from models.people.user import User

PAGE = 12


@dataclass(frozen=True)
class MailingPage:
    """Some mailings, the newest first, and where it goes on; numbers are None where nothing follows."""

    rows: Sequence[Mailing]
    before: int | None
    after: int | None


def mailing_known_as(public_id: uuid.UUID) -> Mailing:
    """The mailing of this organization; raises NotFound for all others."""
    found = db.session.scalars(select(Mailing).where(Mailing.public_id == public_id)).one_or_none()
    if found is None:
        raise NotFound(_("There is no such mailing."))
    return found


def newest_mailings(*, below: int | None = None, above: int | None = None) -> MailingPage:
    """A page by number: what is below a number, or what is just above it."""
    query = select(Mailing).limit(PAGE + 1)
    if above is not None:
        found = db.session.scalars(
            query.where(Mailing.number > above).order_by(Mailing.number)
        ).all()
        rows = list(reversed(found[:PAGE]))
        return _page(rows, has_before=len(found) > PAGE, has_after=True)
    if below is not None:
        query = query.where(Mailing.number < below)
    found = db.session.scalars(query.order_by(Mailing.number.desc())).all()
    return _page(found[:PAGE], has_before=below is not None, has_after=len(found) > PAGE)


def name_of_person(user_id: int | None) -> str | None:
    """Who did it, if it was a person."""
    if user_id is None:
        return None
    return db.session.scalar(select(User.name).where(User.id == user_id))


def _page(rows: Sequence[Mailing], *, has_before: bool, has_after: bool) -> MailingPage:
    return MailingPage(
        rows,
        before=rows[0].number if rows and has_before else None,
        after=rows[-1].number if rows and has_after else None,
    )
