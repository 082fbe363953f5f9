"""The second step of the sign-in: codes of an authenticator app (RFC 6238), each good for one use."""

import hmac
import time

import pyotp
import segno
from flask_babel import gettext as _
from sqlalchemy import or_, update

from errors import Invalid, Unavailable
from models.audit_trail import record_event
from models.base import db, utc_now
from models.sealing import keyring
from services.people.password_holder import PasswordHolder
from services.people.recovery_codes import forget_recovery_codes, new_recovery_codes

STEP_SECONDS = 30
ISSUER = "Ventanilla"


def offer_secret(user: PasswordHolder) -> str:
    """A new secret, sealed for this user: it travels in the form until the first code proves the app."""
    return keyring.seal(pyotp.random_base32(), bound_to=_offer_to(user))


def secret_of_offer(user: PasswordHolder, offer: str) -> str:
    """The base32 secret of an offer. Raises Invalid for one that was not made for this user."""
    try:
        return keyring.open(offer, bound_to=_offer_to(user))
    except Unavailable:
        raise Invalid(_("This page was open for too long. Please begin again.")) from None


def qr_code(user: PasswordHolder, secret: str, issuer: str = ISSUER) -> str:
    """The secret as a picture for the app: an SVG as a `data:` address."""
    address = pyotp.TOTP(secret).provisioning_uri(name=user.email, issuer_name=issuer)
    picture: str = segno.make(address, error="m").svg_data_uri(scale=4, border=2)
    return picture


def switch_on(user: PasswordHolder, secret: str, code: str) -> list[str]:
    """Ask for codes from now on; returns the recovery codes, to be shown once. Raises Invalid for a wrong code."""
    step = _step_of(secret, code)
    if step is None:
        raise Invalid(
            _("The code does not fit. Check the clock of the telephone and write the next code."),
            field="code",
        )
    user.totp_secret = secret
    user.totp_confirmed_at = utc_now()
    user.totp_last_step = step
    record_event(
        db.session(), entity=user.__tablename__, entity_id=user.id, action="second_step_on"
    )
    return new_recovery_codes(user)


def switch_off(user: PasswordHolder) -> None:
    """Ask for the password only."""
    user.totp_secret = None
    user.totp_confirmed_at = None
    user.totp_last_step = None
    forget_recovery_codes(user)
    record_event(
        db.session(), entity=user.__tablename__, entity_id=user.id, action="second_step_off"
    )


def code_fits(user: PasswordHolder, code: str) -> bool:
    """Whether the code is of now (or one step away) and newer than the last that was used.

    The step is taken by one UPDATE, so of two requests with the same code one is refused.
    """
    secret = user.totp_secret
    step = _step_of(secret, code) if secret else None
    if step is None:
        return False
    kind = type(user)
    taken = db.session.execute(
        update(kind)
        .where(kind.id == user.id)
        .where(or_(kind.totp_last_step.is_(None), kind.totp_last_step < step))
        .values(totp_last_step=step)
        .returning(kind.id)
        .execution_options(synchronize_session=False)
    ).first()
    return taken is not None


def _step_of(secret: str, code: str) -> int | None:
    """The step whose code this is; all three are compared, so that the time tells nothing."""
    generator = pyotp.TOTP(secret, interval=STEP_SECONDS)
    now = int(time.time()) // STEP_SECONDS
    found = None
    for step in (now + 1, now - 1, now):
        if hmac.compare_digest(generator.generate_otp(step).encode(), code.encode()):
            found = step
    return found


def _offer_to(user: PasswordHolder) -> str:
    return f"{user.__tablename__}:{user.public_id}:totp-offer"
