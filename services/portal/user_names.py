"""What portal users are called at the door: their address, or a name of their own (X0-06, S0-24).

Whoever looks whether a name is free holds the names of the organization: of two at once, the second finds it taken.
"""

import re
from itertools import count

from flask_babel import gettext as _
from sqlalchemy import select, text

from errors import Invalid
from models.base import db
from models.portal.portal_user import PortalUser
from models.tenancy import current_scope

NAME = re.compile(r"[\w.+-]{3,60}")
NAMES_LOCK = 8_007  # first key of the advisory lock; the second is the organization


def check_user_name(written: str, user: PortalUser) -> str:
    """The name as it is kept; raises Invalid for one that will not do or that somebody has.

    An address is a name only for whoever has it: nobody signs in under another person's address.
    """
    name = written.strip()
    if name.lower() != user.email_norm and not NAME.fullmatch(name):
        raise Invalid(
            _("Choose your e-mail address, or a name of 3 to 60 letters, digits, dots or dashes."),
            field="login",
        )
    if is_taken(name, user):
        raise Invalid(_("Somebody has this user name already. Choose another."), field="login")
    return name


def hold_names() -> None:
    """Nobody else of this organization takes a user name until this transaction ends."""
    db.session.execute(
        text("SELECT pg_advisory_xact_lock(:kind, :organization)"),
        {"kind": NAMES_LOCK, "organization": current_scope().organization_id},
    )


def is_taken(name: str, user: PortalUser) -> bool:
    """Whether somebody else of this organization is called this."""
    hold_names()
    return (
        db.session.scalar(
            select(PortalUser.id).where(
                PortalUser.login_norm == name.strip().lower(), PortalUser.id != user.id
            )
        )
        is not None
    )


def free_user_name(address: str) -> str:
    """The address itself, or, if somebody signs in with it already, its first part with a number."""
    hold_names()
    base = re.sub(r"[^\w.+-]", "", address.partition("@")[0])[:50] or "user"
    for number in count(1):
        name = address if number == 1 else f"{base}-{number}"
        taken = select(PortalUser.id).where(PortalUser.login_norm == name.lower())
        if db.session.scalar(taken) is None:
            return name
    raise AssertionError("count has no end")
