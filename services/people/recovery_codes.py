"""Recovery codes: each opens the second step once, for somebody who has lost the telephone."""

import base64
import hashlib
import re
import secrets

from sqlalchemy import delete, func, select, update

from models.audit_trail import record_event
from models.base import db, utc_now
from models.people.recovery_code import RecoveryCode
from models.people.user import User

HOW_MANY = 8


def new_recovery_codes(user: User) -> list[str]:
    """Eight new codes of 80 random bits in place of all earlier ones; only their hashes are kept."""
    forget_recovery_codes(user)
    codes = [
        _spaced(base64.b32encode(secrets.token_bytes(10)).decode().lower())
        for _n in range(HOW_MANY)
    ]
    db.session.add_all(RecoveryCode(user_id=user.id, code_hash=_hash(code)) for code in codes)
    record_event(db.session(), entity="user", entity_id=user.id, action="new_recovery_codes")
    db.session.flush()
    return codes


def forget_recovery_codes(user: User) -> None:
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))


def use_recovery_code(user: User, code: str) -> bool:
    """Use one up; False if it is not one of this user's, or was used before."""
    used = db.session.execute(
        update(RecoveryCode)
        .where(RecoveryCode.user_id == user.id, RecoveryCode.code_hash == _hash(code))
        .where(RecoveryCode.used_at.is_(None))
        .values(used_at=utc_now())
        .returning(RecoveryCode.id)
        .execution_options(synchronize_session=False)
    ).first()
    if used is not None:
        record_event(db.session(), entity="user", entity_id=user.id, action="recovery_code_used")
    return used is not None


def recovery_codes_left(user: User) -> int:
    return (
        db.session.scalar(
            select(func.count())
            .select_from(RecoveryCode)
            .where(RecoveryCode.user_id == user.id, RecoveryCode.used_at.is_(None))
        )
        or 0
    )


def _spaced(code: str) -> str:
    return "-".join(code[at : at + 4] for at in range(0, len(code), 4))


def _hash(code: str) -> str:
    """However a person writes it: spaces, dashes and case do not matter."""
    return hashlib.sha256(re.sub(r"[^a-z2-7]", "", code.lower()).encode()).hexdigest()
