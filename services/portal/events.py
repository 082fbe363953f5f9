"""What is written down of what customers do in the portal."""

from typing import Any

from sqlalchemy import func, select, update

from models.base import db, utc_now
from models.portal.portal_event import EventActor, PortalEvent, PortalEventKind
from models.portal.share_link import ShareLink
from models.sales.document import Document
from models.tenancy import current_scope
from services.portal.share_links import hash_of

ACTORS = {actor.value: actor for actor in EventActor if actor is not EventActor.MAIL}


def note_event(
    kind: PortalEventKind,
    document: Document | None = None,
    *,
    ip: str | None = None,
    signed_as: str | None = None,
    **detail: Any,
) -> PortalEvent | None:
    """Write an event as whoever stands here; None for staff who look as the customer would.

    `signed_as` is the name that somebody with a link wrote.
    """
    scope = current_scope()
    actor = ACTORS.get(scope.actor.kind)
    if actor is None or scope.customer_id is None:
        return None
    event = PortalEvent(
        customer_id=scope.customer_id,
        kind=kind,
        document_id=document.id if document else None,
        actor=actor,
        portal_user_id=scope.actor.id if actor is EventActor.PORTAL_USER else None,
        actor_name=signed_as or scope.actor.name or "",
        ip=ip,
        detail=detail,
    )
    db.session.add(event)
    db.session.flush()
    return event


def note_answered(
    kind: PortalEventKind, customer_id: int, document: Document | None, name: str, **detail: Any
) -> PortalEvent:
    """Write an event of a contact who is not in the portal, but has answered an e-mail."""
    event = PortalEvent(
        customer_id=customer_id,
        kind=kind,
        document_id=document.id if document else None,
        actor=EventActor.MAIL,
        actor_name=name,
        detail=detail,
    )
    db.session.add(event)
    db.session.flush()
    return event


def note_view(document: Document, *, ip: str | None = None, token: str | None = None) -> None:
    """A person has the document before them, by a link if there is a `token`; staff who look do not count."""
    if current_scope().actor.kind not in ACTORS:
        return
    is_first = db.session.scalar(select(func.note_first_view(document.id)))
    note_event(
        PortalEventKind.VIEWED_FIRST if is_first else PortalEventKind.VIEWED, document, ip=ip
    )
    if token is not None:
        db.session.execute(
            update(ShareLink)
            .where(ShareLink.token_hash == hash_of(token))
            .values(view_count=ShareLink.view_count + 1, last_viewed_at=utc_now())
            .execution_options(synchronize_session=False)
        )


def is_link_viewed(token: str) -> bool:
    """Whether somebody looked through this link already."""
    query = select(ShareLink.view_count).where(ShareLink.token_hash == hash_of(token))
    return bool(db.session.scalar(query))
