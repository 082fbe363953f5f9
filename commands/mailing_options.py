"""What `mailing register` is told, read from its options."""

import html
import re
from datetime import date
from pathlib import Path
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Select, select

from errors import Invalid, NotFound
from models.base import db
from models.mailbox.mail_account import MailAccount
from models.mailings.mailing import AudienceMode, MailingAudience, MailingRange
from models.people.contact import ContactRole
from models.people.customer import Customer
from models.people.customer_group import CustomerGroup
from models.sales.document_file import DocumentFileKind
from models.sales.document_state import DocumentKind
from services.mailings.address_book import groups_below
from services.mailings.address_list import MOST_ADDRESSES, addresses_in

NUMBER = re.compile(r"(?:(?P<series>.*)-)?(?P<number>[0-9]{1,18})")
TAG = re.compile(r"<(?:p|br|div|table|h[1-6]|html|body|ul|ol|a|b|strong|em|span)\b[^>]*>", re.I)


def ranges_of(
    invoices: str | None, series: str | None, dates: str | None, statements: str | None
) -> list[MailingRange]:
    """Invoices by number, series and date; statements of account by number, beside them or alone."""
    ranges = []
    if not statements or invoices or series or dates:
        ranges.append(range_of(invoices, series, dates))
    if statements:
        numbers = range_of(statements, None, None, option="--statements")
        numbers.kind = DocumentKind.STATEMENT
        ranges.append(numbers)
    return ranges


def range_of(
    numbers: str | None, series: str | None, dates: str | None, *, option: str = "--invoices"
) -> MailingRange:
    """`FV-100..FV-180` (or 100..180 with a series) and `2026-07-01..2026-07-31`; both hold together."""
    wanted = MailingRange(series=series)
    if numbers:
        first_series, wanted.number_from = _number(_ends(numbers, option)[0])
        last_series, wanted.number_to = _number(_ends(numbers, option)[1])
        named = {each for each in (first_series, last_series, series) if each is not None}
        if len(named) > 1:
            raise Invalid(_("A range has one series."))
        wanted.series = next(iter(named), None)
        if wanted.number_from > wanted.number_to:
            raise Invalid(_("A range begins with its smaller number."))
    if dates:
        wanted.date_from, wanted.date_to = days_of(dates, "--dates")
    return wanted


def days_of(text: str, option: str) -> tuple[date, date]:
    """The ends of `2026-07-01..2026-07-31`, in order."""
    first, last = map(_day, _ends(text, option))
    if first > last:
        raise Invalid(_("A range begins with its earlier day."))
    return first, last


def customers_of_group(code: str) -> Select[Any]:
    """The keys of the customers of a group, by its code, and of the groups under it."""
    found = group_called(code)
    return select(Customer.id).where(Customer.customer_group_id.in_(groups_below([found.id])))


def group_called(code: str) -> CustomerGroup:
    """The group with this code; raises NotFound."""
    found: CustomerGroup | None = db.session.scalar(
        select(CustomerGroup).where(CustomerGroup.code == code)
    )
    if found is None:
        raise NotFound(_("There is no customer group %(code)s.", code=code))
    return found


def audience_of(group: str | None, roles: str | None) -> list[MailingAudience]:
    """A group by its code, roles separated by comma or space."""
    ways = []
    if group:
        found = group_called(group)
        ways.append(MailingAudience(mode=AudienceMode.GROUPS, ref_ids=[found.id], roles=[]))
    if roles:
        wanted = [role for role in re.split(r"[\s,|]+", roles.strip().lower()) if role]
        known = {role.value for role in ContactRole}
        for role in wanted:
            if role not in known:
                raise Invalid(_("There is no role %(role)s.", role=role))
        ways.append(MailingAudience(mode=AudienceMode.ROLES, ref_ids=[], roles=wanted))
    return ways


def addresses_of(text: str | None, option: str) -> list[str]:
    """Addresses with commas, semicolons or spaces between."""
    read = addresses_in(text or "")
    if read.wrong:
        words = ", ".join(read.wrong)
        raise Invalid(
            _("%(option)s: this is no e-mail address: %(words)s.", option=option, words=words)
        )
    if read.is_too_long:
        raise Invalid(_("At most %(n)d addresses.", n=MOST_ADDRESSES))
    return list(read.addresses)


def kinds_of(text: str | None) -> list[str]:
    """Kinds of files besides the PDF, which always goes."""
    wanted = [word for word in re.split(r"[\s,|]+", (text or "").strip().lower()) if word]
    known = {kind.value for kind in DocumentFileKind} - {DocumentFileKind.PDF.value}
    for kind in wanted:
        if kind not in known:
            raise Invalid(_("There is no kind of file %(kind)s.", kind=kind))
    return list(dict.fromkeys(wanted))


def account_at(address: str) -> MailAccount:
    """The account of this organization; raises NotFound."""
    account = db.session.scalar(MailAccount.at(address.strip().lower()))
    if account is None:
        raise NotFound(_("There is no mail account with the address %(email)s.", email=address))
    return account  # type: ignore[no-any-return]


def body_of(file: Path) -> str:
    """The text of a message: HTML as it is, plain text with its paragraphs and lines."""
    try:
        content = file.read_text(encoding="utf-8-sig")
    except OSError as problem:
        raise Invalid(f"{file} cannot be read: {problem.strerror}.") from problem
    except UnicodeDecodeError:
        raise Invalid(f"{file} is not text in UTF-8.") from None
    if TAG.search(content):
        return content
    paragraphs = re.split(r"\n\s*\n", content.replace("\r\n", "\n").strip())
    return "".join(
        f"<p>{html.escape(each, quote=False).replace(chr(10), '<br>')}</p>"
        for each in paragraphs
        if each
    )


def _ends(text: str, option: str) -> tuple[str, str]:
    first, dots, last = text.partition("..")
    if not dots or not first.strip() or not last.strip():
        raise Invalid(_("%(option)s takes two ends, as in FROM..TO.", option=option))
    return first.strip(), last.strip()


def _number(text: str) -> tuple[str | None, int]:
    match = NUMBER.fullmatch(text)
    if match is None:
        raise Invalid(_("“%(number)s” is not the number of an invoice.", number=text))
    return match["series"] or None, int(match["number"])


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid(_("“%(day)s” is not a day such as 2026-07-31.", day=text)) from None
