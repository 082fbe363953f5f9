"""The mail area of somebody who has no mailbox yet: a way to one, not an error (S3-03)."""

from flask import render_template, url_for
from flask_babel import gettext as _
from sqlalchemy import select

from admin_views.identity import current_staff
from models.base import db
from models.mailbox.mail_account import MailAccount
from models.mailbox.oauth import OAuthApplication, OAuthProvider
from models.people.user import User
from services.mailbox.account_managers import account_manager

PROVIDERS = (
    (OAuthProvider.GOOGLE, "brand-google", "Google", "google"),
    (OAuthProvider.MICROSOFT, "brand-windows", "Microsoft 365", "microsoft365"),
)


def without_account(person: User) -> str:
    """Whoever may set up accounts is led there; everybody else is told whom to ask."""
    may_set_up = current_staff().rights.allows("mail_account", "edit")
    shared = db.session.scalars(
        select(MailAccount.address)
        .where(MailAccount.is_active, MailAccount.owner_id.is_(None))
        .order_by(MailAccount.id)
        .limit(1)
    ).first()
    return render_template(
        "admin/mail/without_account.html",
        title=_("E-mail area"),
        subtitle=_("No account is connected to your user yet"),
        may_set_up=may_set_up,
        grid_url=url_for("mail_accounts_grid.index"),
        providers=_providers() if may_set_up else (),
        new_url=url_for("mail_account.create_view") if _may_add() else "",
        address=person.email,
        own_url=url_for("account.account", _anchor="mail"),
        shared=shared,
        manager=account_manager(besides=person),
    )


def _providers() -> list[tuple[str, str, str]]:
    """Symbol, name and the form of a new account, for each provider at which the organization is registered."""
    if not _may_add():
        return []
    registered = set(db.session.scalars(select(OAuthApplication.provider)))
    return [
        (symbol, name, url_for("mail_account.create_view", provider=preset))
        for provider, symbol, name, preset in PROVIDERS
        if provider in registered
    ]


def _may_add() -> bool:
    return current_staff().rights.allows("mail_account", "create")
