"""Staff users: known in the whole installation, so only its administrators change them; and where they work."""

from typing import Any

from flask import g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import inspect

from admin_views.base import ModelScreen
from admin_views.crud.advanced_users import AdvancedUsers
from admin_views.identity import current_staff, settings
from admin_views.menu import trail_of
from admin_views.registry import screen_for
from admin_views.scoping import scoped
from admin_views.shell import lead_to
from admin_views.verbs import Verb
from jobs.mailings import deliver_due
from models.base import db
from models.people.membership import UserMembership
from models.people.password_link import PasswordLinkKind
from models.people.user import User
from services.people.leaving import switch_off
from services.people.password_links import (
    NewLink,
    forget_links,
    invite,
    offer_reset,
    was_never_here,
)
from services.people.places import companies_of


def _invite(user: User) -> NewLink:
    return invite(user, base_url=settings().public_base_url)


def _offer_reset(user: User) -> NewLink:
    return offer_reset(user, base_url=settings().public_base_url)


def _link_page(screen: "UserScreen", link: NewLink) -> ResponseReturnValue:
    """The link, to whoever made it and this once; it is not kept, so it cannot be shown again."""
    deliver_due.enqueue()
    is_invitation = link.kind is PasswordLinkKind.INVITATION
    title = (
        _("%(name)s is invited", name=link.user.name)
        if is_invitation
        else _("A new password for %(name)s", name=link.user.name)
    )
    lead_to(*trail_of(screen, title))
    has_no_place = not companies_of(link.user)
    may_give_place = current_staff().rights.allows("user_membership", "create")
    return render_template(
        "admin/people/link.html",
        title=title,
        link=link,
        record_url=screen.record_url(link.user),
        place_url=url_for("user_membership.create_view", user=link.user.id)
        if has_no_place and may_give_place
        else None,
    )


INVITE = Verb(
    name="invite",
    label=_l("Invite again"),
    icon="mail-forward",
    run=_invite,
    right="edit",
    fits=was_never_here,
    answer=_link_page,
    in_batch=False,
)
RESET = Verb(
    name="reset",
    label=_l("Send a link for a new password"),
    icon="key",
    run=_offer_reset,
    right="edit",
    fits=lambda user: user.is_active and not was_never_here(user),
    question=_l("A new password for “%(name)s”?"),
    explanation=_l(
        "A link is made by which a new password is chosen. The present one stays good until then."
    ),
    answer=_link_page,
    in_batch=False,
)


@screen_for(User)
class UserScreen(AdvancedUsers, ModelScreen):  # type: ignore[override]  # columns depend on the tab
    """Others see their colleagues and change nothing: an address is a way into every organization."""

    verbs = (INVITE, RESET)
    bulk_columns = ("lang",)
    search_words = _l("Name")
    instead_of_deleting = _l(
        "Switch the user off instead: then nobody signs in as them, and what they did stays."
    )

    def before_delete(self, record: Any) -> None:
        """What ends with somebody who is switched off ends here too, in each of the companies."""
        switch_off(record)

    def before_save(self, record: Any, form: Any, is_new: bool) -> None:
        record.email_norm = record.email
        if not is_new and inspect(record).attrs.email.history.has_changes():
            forget_links(record)  # they lie in the mailbox of the former address

    def after_save(self, record: Any, is_new: bool) -> None:
        """A new user has no password yet: the invitation is made along with the user, or neither is."""
        if is_new and was_never_here(record):
            g.new_link = _invite(record)

    def created(self, record: Any) -> ResponseReturnValue:
        link: NewLink | None = g.pop("new_link", None)
        return super().created(record) if link is None else _link_page(self, link)


@screen_for(UserMembership)
class UserMembershipScreen(ModelScreen):
    """Where somebody works, and as what; `services/people/leaving.py` sees to what ends with a place."""

    def prefill(self, form: Any) -> None:
        """The user of the page that led here."""
        key = request.args.get("user", "")
        if key.isdecimal() and len(key) < 19:
            form.user.data = db.session.scalar(scoped(User).where(User.id == int(key)))
