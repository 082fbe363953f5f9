"""The code that shows that an address is whose it is said to be (X0-05): sent to every address alike."""

import secrets
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from models.base import db, utc_now
from models.people.customer_group import CustomerGroup
from models.portal.access_request import NEXT_REQUEST_STATES, AccessRequest, RequestState
from models.states import move
from services.people.contacts import checked_address
from services.portal.access_emails import access_code
from services.portal.access_requests import the_request
from services.portal.share_links import hash_of

DIGITS = 6
MOST_TRIES = 5
MINUTES = 30
OPEN = (RequestState.REQUESTED, RequestState.EMAIL_VERIFIED, RequestState.PENDING_VALIDATION)


def begin(
    email: str, group: CustomerGroup | None, *, lang: str, ip: str | None, user_agent: str | None
) -> AccessRequest:
    """The open request of this address, or a new one; a code goes to the address in both cases. Raises Invalid."""
    written, norm = checked_address(email)
    request = _open_request(norm, group)
    if request is None:
        request = AccessRequest(
            customer_group_id=group.id if group else None,
            email=written,
            email_norm=norm,
            lang=lang,
            ip=ip,
            user_agent=(user_agent or "")[:300] or None,
        )
        try:
            with db.session.begin_nested():
                db.session.add(request)
        except IntegrityError:  # of two at once, the second goes on with the first one's
            request = _open_request(norm, group)
            assert request is not None
    send_code(request)
    return request


def send_code(request: AccessRequest) -> None:
    """A new code, in place of an earlier one."""
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    request.code_hash = _hash(request, code)
    request.code_ends_at = utc_now() + timedelta(minutes=MINUTES)
    request.code_tries = 0
    db.session.flush()
    access_code(request, code, minutes=MINUTES)


def verify(request_id: int, code: str) -> AccessRequest | None:
    """The request, if this is its code; it is used up then. A wrong one counts: the caller commits in both cases."""
    request = the_request(request_id)
    if request is None or request.code_hash is None or request.code_ends_at is None:
        return None
    if request.code_ends_at <= utc_now() or request.code_tries >= MOST_TRIES:
        return None
    if not secrets.compare_digest(request.code_hash, _hash(request, "".join(code.split()))):
        request.code_tries += 1
        db.session.flush()
        return None
    request.code_hash = request.code_ends_at = None
    if request.state is RequestState.REQUESTED:
        move(request, to=RequestState.EMAIL_VERIFIED, following=NEXT_REQUEST_STATES)
    db.session.flush()
    return request


def _open_request(norm: str, group: CustomerGroup | None) -> AccessRequest | None:
    found: AccessRequest | None = db.session.scalar(
        select(AccessRequest)
        .where(AccessRequest.email_norm == norm, AccessRequest.state.in_(OPEN))
        .where(AccessRequest.customer_group_id.is_not_distinct_from(group.id if group else None))
        .with_for_update()
    )
    return found


def _hash(request: AccessRequest, code: str) -> str:
    return hash_of(f"access:{request.id}:{code}")
