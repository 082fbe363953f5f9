"""What the form of a mailing means: ranges, audience, options."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from admin_views.screens.mailing_form import MailingForm
from admin_views.screens.mailing_view import keys_in_view
from errors import Invalid
from models.mailings.mailing import (
    AttachMode,
    AudienceMode,
    MailingAudience,
    MailingRange,
    OneMailPer,
    SentFilter,
)
from models.sales.document import Document, Invoice
from models.sales.document_state import DocumentKind
from models.sales.statement import Statement
from services.mailings.audience import Choice
from services.mailings.copies import CopyWish
from services.mailings.moments import LocalMoment, check_future, local_moment
from services.mailings.plain_text import as_html


def ranges_of(form: MailingForm) -> list[MailingRange]:
    """One for each kind of document; all limits of a range hold together."""
    ranges = []
    if form.has_invoices:
        ranges.append(
            MailingRange(
                kind=DocumentKind.INVOICE,
                series=form.series.data or form.number_from.series or form.number_to.series or None,
                number_from=form.number_from.number,
                number_to=form.number_to.number,
                date_from=form.date_from.data,
                date_to=form.date_to.data,
                document_ids=_chosen(form.document_ids, form.view, Invoice),
                sent_filter=_sent_filter(form.sent_filter),
            )
        )
    if form.has_credit_notes:
        series = form.credit_series.data or form.credit_from.series or form.credit_to.series
        ranges.append(
            MailingRange(
                kind=DocumentKind.CREDIT_NOTE,
                series=series or None,
                number_from=form.credit_from.number,
                number_to=form.credit_to.number,
                date_from=form.credit_date_from.data,
                date_to=form.credit_date_to.data,
                sent_filter=_sent_filter(form.sent_filter),
            )
        )
    if form.has_statements:
        series = form.statement_series.data or form.statement_from.series
        ranges.append(
            MailingRange(
                kind=DocumentKind.STATEMENT,
                series=series or form.statement_to.series or None,
                number_from=form.statement_from.number,
                number_to=form.statement_to.number,
                date_from=form.statement_date_from.data,
                date_to=form.statement_date_to.data,
                document_ids=_chosen(form.statement_ids, form.statement_view, Statement),
                sent_filter=_sent_filter(form.statement_sent_filter),
            )
        )
    return ranges


def audience_of(form: MailingForm, customers: Sequence[int]) -> list[MailingAudience]:
    """Which customers, and who of each; `customers` are those chosen, by key."""
    audience = []
    if form.who.data == AudienceMode.GROUPS:
        audience.append(MailingAudience(mode=AudienceMode.GROUPS, ref_ids=form.groups.data))
    elif form.who.data == AudienceMode.CUSTOMERS:
        audience.append(MailingAudience(mode=AudienceMode.CUSTOMERS, ref_ids=list(customers)))
    match form.contacts.data:
        case AudienceMode.PRIMARY | AudienceMode.EVERYBODY as mode:
            audience.append(MailingAudience(mode=AudienceMode(mode)))
        case AudienceMode.ROLES:
            audience.append(MailingAudience(mode=AudienceMode.ROLES, roles=form.roles.data))
        case AudienceMode.CONTACTS:
            audience.append(MailingAudience(mode=AudienceMode.CONTACTS, ref_ids=form.people.data))
    return audience or [MailingAudience(mode=AudienceMode.ALL)]


def languages_of(form: MailingForm, lang: str, variant_lang: str) -> frozenset[str]:
    """The languages that the message is written in."""
    has_variant = (form.variant_body.data or "").strip() and form.variant_subject.data
    return frozenset({lang, variant_lang} if has_variant else {lang})


def choice_of(
    form: MailingForm, customers: Sequence[int], *, languages: frozenset[str] | None
) -> Choice:
    """What the form means, for the summary at its side; `languages` where others are left out."""
    return Choice(
        ranges=ranges_of(form),
        audience=audience_of(form, customers),
        one_mail_per=one_mail_per_of(form),
        languages=languages,
        copies=CopyWish(
            form.cc.addresses,
            form.bcc.addresses,
            frozenset(form.cc_roles.data or ()),
            frozenset(form.bcc_roles.data or ()),
        ),
    )


def text_of(form: MailingForm, lang: str, variant_lang: str) -> dict[str, Any]:
    """The words of the message, in each language that it is written in."""
    variants = {}
    if len(languages_of(form, lang, variant_lang)) > 1:
        variants[variant_lang] = {
            "subject": (form.variant_subject.data or "").strip(),
            "body_html": as_html(form.variant_body.data or ""),
        }
    return {
        "subject": (form.subject.data or "").strip(),
        "body_html": as_html(form.body.data or ""),
        "lang": lang,
        "variants": variants,
        "needs_own_language": bool(form.needs_own_language.data),
    }


def options_of(form: MailingForm) -> dict[str, Any]:
    """Copies, answers, files, how they travel, when it begins."""
    scheduled = moment_of(form)
    return {
        "reply_to": (form.reply_to.data or "").strip() or None,
        "cc": form.cc.addresses,
        "bcc": form.bcc.addresses,
        "cc_roles": form.cc_roles.data or [],
        "bcc_roles": form.bcc_roles.data or [],
        "bcc_once": bool(form.bcc_once.data),
        "extra_file_kinds": form.files.data or [],
        "attach_mode": attach_mode_of(form),
        "scheduled_at": scheduled.at if scheduled else None,
        "scheduled_zone": form.zone.data if scheduled else None,
    }


def one_mail_per_of(form: MailingForm) -> OneMailPer:
    chosen = form.one_mail_per.data
    return next((kind for kind in OneMailPer if kind.value == chosen), OneMailPer.CUSTOMER)


def attach_mode_of(form: MailingForm) -> AttachMode:
    chosen = form.attach_mode.data
    return next((mode for mode in AttachMode if mode.value == chosen), AttachMode.ATTACH)


def moment_of(form: MailingForm) -> LocalMoment | None:
    """When it begins by itself; None if somebody starts it, or if that is not said in full yet.

    Raises Invalid for a moment that has passed and for an hour that the clock skips.
    """
    if form.when.data != "schedule" or not form.day.data or not form.time.data:
        return None
    found = local_moment(form.day.data, form.time.data, form.zone.data or "UTC")
    check_future(found.at, datetime.now(UTC))
    return found


def check_moment(form: MailingForm) -> None:
    """Put what is wrong with the moment at its field."""
    try:
        moment_of(form)
    except Invalid as problem:
        field = form[problem.field or "time"]
        field.errors = [*field.errors, problem.message]


def _sent_filter(field: Any) -> SentFilter:
    known = {each.value for each in SentFilter}
    return SentFilter(field.data) if field.data in known else SentFilter.ANY


def _chosen(keys: list[int], view: Any, model: type[Document]) -> list[int] | None:
    """Those chosen in the list, or all that its filter shows; None if the list says nothing."""
    if keys:
        return keys
    return keys_in_view(view.data, model) if view.data else None
