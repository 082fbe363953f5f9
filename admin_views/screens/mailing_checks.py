"""What to know before one registers: the account, the text, who is left out, what was sent before (S1-08, S1-11)."""

from collections.abc import Set
from dataclasses import dataclass

from flask import url_for
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

from admin_views.reader_formats import moment, number
from admin_views.screens.mailing_choice import moment_of
from admin_views.screens.mailing_form import MailingForm
from admin_views.screens.mailing_words import reason_words
from admin_views.within_sentence import within
from errors import Invalid
from models.mailbox.mail_account import MailAccount
from models.mailings.reason import ReasonCode
from services.mailings.message import text_problems
from services.mailings.message_size import Sizes
from services.mailings.plain_text import as_html
from services.mailings.summary import Summary

# The sentence under the ranges says these.
SAID_ELSEWHERE = {ReasonCode.DOCUMENT_NOT_POSTED, ReasonCode.DOCUMENT_VOID}


@dataclass(frozen=True)
class Check:
    """A line of the list; `shows` opens the list of those left out, `url` another page."""

    icon: str
    tone: str
    text: str
    link: str = ""
    url: str = ""
    shows: bool = False


def checks_of(
    form: MailingForm,
    counted: Summary,
    sizes: Sizes,
    account: MailAccount | None,
    *,
    languages: Set[str],
    lang: str,
) -> list[Check]:
    """In the order in which one would look."""
    if not counted.messages:
        return [_warn(_("Nothing would be sent.")), *_left_out(counted)]
    return [
        *_account_checks(account),
        *_text_checks(form),
        *_left_out(counted),
        *_statements_alone(counted),
        *_earlier(counted),
        *_language_checks(form, counted, languages, lang),
        *_size_checks(sizes),
        *_moment_checks(form),
    ]


def _ok(text: str) -> Check:
    return Check("circle-check", "t-ok", text)


def _warn(text: str, link: str = "", *, url: str = "", shows: bool = False) -> Check:
    return Check("alert-triangle", "t-warn", text, link, url, shows)


def _account_checks(account: MailAccount | None) -> list[Check]:
    if account is None:
        return [_warn(_("Choose the account that sends"))]
    if not account.is_active:
        return [_warn(_("The mail account is switched off."))]
    if account.is_paused:
        reason = reason_words(account.paused_reason)
        return [_warn(_("The account is paused: %(reason)s", reason=reason))]
    if (account.signature_html or "").strip():
        return [_ok(_("The account sends, and has a signature"))]
    return [_ok(_("The account sends"))]


def _text_checks(form: MailingForm) -> list[Check]:
    texts = [(form.subject.data, form.body.data)]
    if (form.variant_body.data or "").strip():
        texts.append((form.variant_subject.data, form.variant_body.data))
    checks: list[Check] = []
    for subject, body in texts:
        if not (subject or "").strip() or not (body or "").strip():
            checks.append(_warn(_("The message is not written yet")))
            continue
        problems = text_problems(subject or "", as_html(body or ""))
        checks += [_warn(problem.message) for problem in problems]
    return checks or [_ok(_("Every field of the text exists"))]


def _left_out(counted: Summary) -> list[Check]:
    checks: list[Check] = []
    for reason, count in counted.excluded.items():
        if reason in SAID_ELSEWHERE:
            continue
        n = number(count)
        if reason is ReasonCode.NO_ADDRESS:
            said = _("%(n)s without an address:", n=n)
            checks.append(_warn(said, _("complete"), shows=True))
        else:
            said = _("%(n)s left out, %(reason)s:", n=n, reason=within(reason_words(reason)))
            checks.append(Check("user-off", "dim", said, _("see"), shows=True))
    return checks


def _statements_alone(counted: Summary) -> list[Check]:
    """A text about invoices does not fit them."""
    alone = counted.statements_alone
    if not alone:
        return []
    said = ngettext(
        "%(n)s e-mail brings a statement of account only",
        "%(n)s e-mails bring a statement of account only",
        alone,
        n=number(alone),
    )
    return [_warn(str(said))]


def _earlier(counted: Summary) -> list[Check]:
    checks = []
    for each in counted.earlier:
        said = ngettext(
            "%(n)s was sent before in no. %(number)s:",
            "%(n)s were sent before in no. %(number)s:",
            each.documents,
            n=number(each.documents),
            number=each.number,
        )
        url = url_for("mailing_console.console", mailing=each.public_id)
        checks.append(_warn(str(said), _("see"), url=url))
    return checks


def _language_checks(
    form: MailingForm, counted: Summary, languages: Set[str], lang: str
) -> list[Check]:
    """Who reads a language that the message is not written in."""
    if form.needs_own_language.data:
        return []
    names = get_locale().languages
    checks = []
    for wanted, count in sorted(counted.languages.items()):
        if wanted in languages:
            continue
        said = ngettext(
            "There is no text in %(wanted)s: %(n)s will read it in %(lang)s",
            "There is no text in %(wanted)s: %(n)s will read it in %(lang)s",
            count,
            wanted=names.get(wanted, wanted),
            n=number(count),
            lang=names.get(lang, lang),
        )
        checks.append(Check("language", "t-warn", str(said)))
    return checks


def _size_checks(sizes: Sizes) -> list[Check]:
    if not sizes.over:
        return []
    said = ngettext(
        "%(n)s e-mail is too large for the account: it carries a link instead of the files",
        "%(n)s e-mails are too large for the account: they carry a link instead of the files",
        sizes.over,
        n=number(sizes.over),
    )
    return [_warn(str(said))]


def _moment_checks(form: MailingForm) -> list[Check]:
    if form.when.data != "schedule":
        return []
    try:
        found = moment_of(form)
    except Invalid as problem:
        return [_warn(problem.message)]
    if found is None:
        return [_warn(_("Choose the day and the time of the start"))]
    at = moment(found.at)
    if found.comes_twice:
        return [
            _warn(_("The clocks go back then and this time comes twice: it starts the first time"))
        ]
    return [Check("calendar-clock", "t-ok", _("It starts automatically: %(time)s here", time=at))]
