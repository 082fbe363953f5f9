"""What the customer's people hear of comments (S2-12)."""

import re

from sqlalchemy import select

from mail.headers import Mailbox
from models.base import db
from models.mailings.delivery import Delivery
from models.portal.portal_user import PortalMembership
from models.work.comment import Comment
from services.mailings.notices import Notice, cause_of, email
from services.portal.comment_readers import place_of, readers_of
from services.portal.languages import spoken_to
from services.portal.mail_words import organization_in_scope
from services.portal.portal_addresses import portal_url
from services.portal.portal_emails import sent_for

CAUSE = re.compile(r"comment:(\d{1,18}):\d+")


def comment_written(comment: Comment) -> list[int]:
    """To the customer's people who may read it: staff commented. Nobody if the portal says so."""
    written = (
        sent_for(membership.customer.customer_group, _comment, comment, membership)
        for membership in readers_of(comment)
    )
    return [key for key in written if key is not None]


def comment_told_by(delivery: Delivery) -> Comment | None:
    """The comment that a notice was about."""
    found = CAUSE.fullmatch(cause_of(delivery) or "")
    query = select(Comment).where(Comment.id == int(found[1])) if found else None
    return db.session.scalars(query).one_or_none() if query is not None else None


@email("portal-comment")
def _comment(comment: Comment, membership: PortalMembership) -> Notice:
    user = membership.portal_user
    place, name = place_of(comment)
    return Notice(
        cause=f"comment:{comment.id}:{membership.id}",
        to=Mailbox.of(user.email, user.name),
        lang=spoken_to(user.lang),
        values={
            "name": user.name,
            "login": user.login,
            "organization": organization_in_scope().name,
            "author": comment.author_name,
            "about": name,
            "body": comment.body,
            "files": [file.name for file in comment.files],
            "link": portal_url(place),
        },
        customer_id=membership.customer_id,
        contact_id=membership.contact_id,
    )
