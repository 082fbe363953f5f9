"""Recovery codes: each opens the second step once, for somebody who has lost the telephone."""

import base64
import hashlib
import re
import secrets

from sqlalchemy import ColumnElement, delete, func, select, update

from models.audit_trail import record_event
from models.base import db, utc_now
from models.people.recovery_code import RecoveryCode
from models.portal.portal_recovery_code import PortalRecoveryCode
from models.portal.portal_user import PortalUser
from services.people.password_holder import PasswordHolder

HOW_MANY = 8


def new_recovery_codes(user: PasswordHolder) -> list[str]:
    """Eight new codes of 80 random bits in place of all earlier ones; only their hashes are kept."""
    forget_recovery_codes(user)
    codes = [
        _spaced(base64.b32encode(secrets.token_bytes(10)).decode().lower())
        for _n in range(HOW_MANY)
    ]
    db.session.add_all(_made(user, _hash(code)) for code in codes)
    record_event(
        db.session(), entity=user.__tablename__, entity_id=user.id, action="new_recovery_codes"
    )
    db.session.flush()
    return codes


def forget_recovery_codes(user: PasswordHolder) -> None:
    db.session.execute(delete(_kind(user)).where(_is_of(user)))


def use_recovery_code(user: PasswordHolder, code: str) -> bool:
    """Use one up; False if it is not one of this user's, or was used before."""
    kind = _kind(user)
    used = db.session.execute(
        update(kind)
        .where(_is_of(user), kind.code_hash == _hash(code), kind.used_at.is_(None))
        .values(used_at=utc_now())
        .returning(kind.id)
        .execution_options(synchronize_session=False)
    ).first()
    if used is not None:
        record_event(
            db.session(), entity=user.__tablename__, entity_id=user.id, action="recovery_code_used"
        )
    return used is not None


def recovery_codes_left(user: PasswordHolder) -> int:
    kind = _kind(user)
    unused = select(func.count()).select_from(kind).where(_is_of(user), kind.used_at.is_(None))
    return db.session.scalar(unused) or 0


def _kind(user: PasswordHolder) -> type[RecoveryCode] | type[PortalRecoveryCode]:
    return PortalRecoveryCode if isinstance(user, PortalUser) else RecoveryCode


def _is_of(user: PasswordHolder) -> ColumnElement[bool]:
    if isinstance(user, PortalUser):
        return PortalRecoveryCode.portal_user_id == user.id
    return RecoveryCode.user_id == user.id


def _made(user: PasswordHolder, code_hash: str) -> RecoveryCode | PortalRecoveryCode:
    if isinstance(user, PortalUser):
        return PortalRecoveryCode(portal_user_id=user.id, code_hash=code_hash)
    return RecoveryCode(user_id=user.id, code_hash=code_hash)


def _spaced(code: str) -> str:
    return "-".join(code[at : at + 4] for at in range(0, len(code), 4))


def _hash(code: str) -> str:
    """However a person writes it: spaces, dashes and case do not matter."""
    return hashlib.sha256(re.sub(r"[^a-z2-7]", "", code.lower()).encode()).hexdigest()
