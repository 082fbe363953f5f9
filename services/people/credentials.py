"""Whether somebody is who they say they are; failures lock the door for growing whiles."""

from datetime import timedelta

from sqlalchemy import case, func, or_, text, update

from models.audit_trail import record_event
from models.base import db, utc_now
from models.people.user import User
from services.people.password_holder import PasswordHolder
from services.people.passwords import password_fits
from services.people.recovery_codes import use_recovery_code
from services.people.totp import code_fits

FREE_FAILURES = 5
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(days=1)
NOBODY = 0


def user_with_password(email: str, password: str) -> User | None:
    """The user with this address and password; None for all others, in the same time.

    An unknown address, a wrong password, a locked and a switched-off user cannot be told apart: each costs one
    Argon2id and the same statements. The caller commits in both cases, so that failures count.
    """
    user: User | None = db.session.scalar(User.by_email(email))
    fits = password_fits(user, password)
    if user is None or not user.is_active or user.is_locked:
        note_failure(None, of=User)
        return None
    if not fits:
        note_failure(user)
        return None
    return user


def second_step_fits(user: PasswordHolder, code: str) -> bool:
    """Whether the code is one of the authenticator app, not used before, or an unused recovery code."""
    digits = "".join(code.split())
    if user.is_locked or not user.is_active:
        return False
    if code_fits(user, digits) if digits.isdecimal() else use_recovery_code(user, code):
        return True
    note_failure(user)
    return False


def is_open_to(user: PasswordHolder) -> bool:
    """Asked at the last moment, in the transaction that opens the session: a lock of a parallel try holds."""
    db.session.refresh(user, with_for_update=True)
    return user.is_active and not user.is_locked


def note_failure(user: PasswordHolder | None, *, of: type[PasswordHolder] = User) -> None:
    """Count a failure; from the fifth on the user waits 1, 2, 4, 8, at most 15 minutes.

    `of` says at which door, where there is no such user: the same statements are run for nobody.
    """
    kind = type(user) if user is not None else of
    now = utc_now()
    # The answer must not wait for the disk: that would tell a known address from an unknown one.
    db.session.execute(text("SET LOCAL synchronous_commit = off"))
    failures = case((kind.locked_until < now - FORGOTTEN_AFTER, 1), else_=kind.failed_sign_ins + 1)
    exponent = func.least(func.greatest(failures - FREE_FAILURES, 0), 10)
    seconds = func.least(
        FIRST_WAIT.total_seconds() * func.power(2, exponent), LONGEST_WAIT.total_seconds()
    )
    changed = db.session.execute(
        update(kind)
        .where(kind.id == (user.id if user else NOBODY))
        .where(or_(kind.locked_until.is_(None), kind.locked_until <= now))
        .values(
            failed_sign_ins=failures,
            locked_until=case(
                (failures >= FREE_FAILURES, now + func.make_interval(0, 0, 0, 0, 0, 0, seconds)),
                else_=None,
            ),
        )
        .returning(kind.failed_sign_ins, kind.locked_until)
        .execution_options(synchronize_session=False)
    ).first()
    if user is not None and changed is not None and changed.locked_until is not None:
        record_event(
            db.session(),
            entity=kind.__tablename__,
            entity_id=user.id,
            action="lock",
            after={
                "failures": changed.failed_sign_ins,
                "until": changed.locked_until.isoformat(),
            },
        )
