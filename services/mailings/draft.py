"""Writing a mailing down before it is registered."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete, func, or_, select, text, update

from errors import Conflict
from models.base import db, utc_now
from models.mailbox.mail_account import MailAccount
from models.mailings.delivery import Delivery
from models.mailings.mailing import Mailing, MailingAudience, MailingRange, OneMailPer
from models.mailings.mailing_exclusion import MailingExclusion
from models.mailings.mailing_state import MailingState
from models.tenancy import current_scope
from services.mailings.draft_pen import Writing, made_by, note_page, take_pen

NUMBERING_LOCK = 8_001
CHANGEABLE = {
    *("title", "account_id", "one_mail_per", "subject", "body_html", "lang", "variants"),
    *("needs_own_language", "period_start", "period_end", "attach_mode", "extra_file_kinds"),
    *("reply_to", "cc", "bcc", "cc_roles", "bcc_roles", "bcc_once"),
    *("scheduled_at", "scheduled_zone"),
}


def write_draft(
    account: MailAccount,
    *,
    subject: str,
    body_html: str,
    ranges: Sequence[MailingRange],
    audience: Sequence[MailingAudience] = (),
    one_mail_per: OneMailPer = OneMailPer.CONTACT,
    title: str = "",
    lang: str = "es",
    variants: Mapping[str, Mapping[str, str]] | None = None,
    period: tuple[date | None, date | None] = (None, None),
    page: str | None = None,
    **options: Any,
) -> Mailing:
    """A new mailing with the next number of its organization; `register_mailing` checks it.

    `page` is the one that begins it, `options` are further columns out of `CHANGEABLE`.
    """
    assert options.keys() <= CHANGEABLE, options.keys() - CHANGEABLE
    mailing = Mailing(
        number=_next_number(),
        title=title,
        account_id=account.id,
        subject=subject,
        body_html=body_html,
        one_mail_per=one_mail_per,
        lang=lang,
        variants={key: dict(value) for key, value in (variants or {}).items()},
        period_start=period[0],
        period_end=period[1],
        ranges=list(ranges),
        audience=list(audience),
        **options,
    )
    db.session.add(mailing)
    db.session.flush()
    if page is not None:
        note_page(mailing, page)
    return mailing


def begun_on(page: str) -> Mailing | None:
    """The mailing that this page has begun; whoever asks for the same page meanwhile waits until this is committed."""
    _hold_numbers()
    return made_by(page)


def change_draft(
    mailing: Mailing,
    fields: Mapping[str, Any],
    *,
    ranges: Sequence[MailingRange] | None = None,
    audience: Sequence[MailingAudience] | None = None,
    writing: Writing | None = None,
) -> None:
    """Change a draft; what an interrupted registration has prepared is thrown away.

    Raises Conflict once it is being registered (what was shown is what is sent), and DraftChanged if somebody else has
    saved it since the page of `writing` was opened.
    """
    db.session.refresh(mailing, with_for_update=True)
    _refuse_fixed(mailing)
    if writing is not None:
        take_pen(mailing, writing)
    for name in fields.keys() & CHANGEABLE:
        setattr(mailing, name, fields[name])
    if ranges is not None:
        mailing.ranges = list(ranges)
    if audience is not None:
        mailing.audience = list(audience)
    mailing.text_revision += 1
    mailing.planned_count = mailing.register_error = mailing.register_asked_at = None
    db.session.execute(delete(MailingExclusion).where(MailingExclusion.mailing_id == mailing.id))
    db.session.execute(delete(Delivery).where(Delivery.mailing_id == mailing.id))
    db.session.flush()


def keep_form(
    mailing: Mailing,
    account: MailAccount,
    typed: Mapping[str, Sequence[str]],
    writing: Writing,
    **shown: str,
) -> None:
    """Keep the form of a draft as it is now, with what the console shows of it (`title`, `subject`).

    Past the session: a draft that is being written is saved every few seconds, and no event of the audit. Raises
    Conflict once it is being registered, and DraftChanged if somebody else has saved it since.
    """
    kept = db.session.execute(
        update(Mailing)
        .where(
            Mailing.id == mailing.id,
            Mailing.state == MailingState.DRAFT,
            or_(Mailing.register_asked_at.is_(None), Mailing.register_error.is_not(None)),
        )
        .values(
            draft_form={name: list(values) for name, values in typed.items()},
            account_id=account.id,
            updated_at=utc_now(),
            version=Mailing.version + 1,
            **shown,
        )
        .execution_options(synchronize_session=False)
    )
    db.session.expire(mailing)
    if not kept.rowcount:  # type: ignore[attr-defined]
        _refuse_fixed(mailing)
    take_pen(mailing, writing)


def _refuse_fixed(mailing: Mailing) -> None:
    if mailing.state is not MailingState.DRAFT:
        raise Conflict(_("A registered mailing cannot be changed; cancel it and make a new one."))
    if mailing.is_being_registered:
        raise Conflict(_("This mailing is being registered at this moment."))


def _next_number() -> int:
    """One after another; two people at once get two numbers."""
    _hold_numbers()
    return (db.session.scalar(select(func.max(Mailing.number))) or 0) + 1


def _hold_numbers() -> None:
    """No other mailing of this organization begins until this transaction ends."""
    db.session.execute(
        text("SELECT pg_advisory_xact_lock(:kind, :organization)"),
        {"kind": NUMBERING_LOCK, "organization": current_scope().organization_id},
    )
