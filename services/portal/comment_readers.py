"""Which of a customer's people are told of a comment: those who may open what it is about (S2-12)."""

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from models.base import db
from models.people.contact import CustomerContact
from models.portal.portal_settings import PortalSettings
from models.portal.portal_user import MembershipState, PortalMembership
from models.work.comment import Comment, CommentVisibility
from services.portal.visible_documents import SUBJECT_OF, Subject, sight_of_contact


def readers_of(comment: Comment) -> list[PortalMembership]:
    """Nobody for an internal note, for what the portal does not show, or where the portal tells nobody."""
    settings = db.session.scalars(select(PortalSettings)).one()
    subject = _subject_of(comment, settings)
    if (
        subject is None
        or comment.visibility is not CommentVisibility.CUSTOMER
        or not settings.notify_customer_of_comments
    ):
        return []
    rows = db.session.execute(
        select(PortalMembership, CustomerContact.roles, CustomerContact.is_primary)
        .join(
            CustomerContact,
            (CustomerContact.contact_id == PortalMembership.contact_id)
            & (CustomerContact.customer_id == PortalMembership.customer_id),
        )
        .where(
            PortalMembership.customer_id == comment.customer_id,
            PortalMembership.state == MembershipState.VALIDATED,
        )
        .order_by(PortalMembership.id)
        .options(joinedload(PortalMembership.portal_user))
    )
    return [
        membership
        for membership, roles, is_primary in rows
        if membership.portal_user.is_active
        and sight_of_contact(comment.customer_id, roles, is_primary=is_primary).sees(subject)
    ]


def place_of(comment: Comment) -> tuple[str, str]:
    """Where a customer reads it in the portal, and what that is called."""
    if comment.document is not None:
        return f"/documents/{comment.document.public_id}#comments", comment.document.label
    assert comment.project is not None  # a note about neither has no readers
    return f"/projects/{comment.project.public_id}#comments", comment.project.name


def _subject_of(comment: Comment, settings: PortalSettings) -> Subject | None:
    if comment.document is not None:
        subject = SUBJECT_OF[comment.document.kind]
        is_off = subject is Subject.SALES_ORDERS and not settings.show_sales_orders
        return None if is_off else subject
    if comment.project is not None and comment.project.is_shared and settings.show_projects:
        return Subject.PROJECTS
    return None
