"""Whether typed rows of the grid can be saved: cell by cell, among one another, and against what is there."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from errors import Invalid
from models.base import db
from models.mailbox.mail_account import MailAccount
from models.mailbox.mail_sign_in import MailSecurity
from models.people.user import User
from services.mailbox.account_cells import PASSWORD, TypedRow, made_from, shown_cells, values_in
from services.mailbox.account_rows import AccountRow
from services.mailbox.accounts import refuse_open_line
from services.mailbox.cell_doubts import Doubt, doubts_about
from services.mailbox.changed_meanwhile import SomebodyElse, what_somebody_else_did
from services.mailbox.line_rules import is_led_elsewhere, permission_stays

# What stays as it is where nothing else was typed; the rules look at it all the same.
KEPT = ("smtp_host", "smtp_port", "smtp_security", "imap_host", "imap_port", "imap_security")
HOSTS = ("smtp_host", "imap_host")
OFTEN = 2  # accounts at a server from which on its name is taken for right


@dataclass(kw_only=True)
class CheckedRow:
    """A row with what it means: `cells` are what it would show, `changes` what would be written.

    `problems` and `doubts` are by cell; `forgets` takes the stored password away; `somebody_else` is there when the account was changed meanwhile.
    """

    row: AccountRow
    cells: dict[str, str]
    typed: set[str]
    forgets: bool = False
    values: dict[str, Any] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    doubts: dict[str, Doubt] = field(default_factory=dict)
    somebody_else: SomebodyElse | None = None

    @property
    def is_changed(self) -> bool:
        return bool(self.typed)

    @property
    def can_be_saved(self) -> bool:
        return not self.problems and self.somebody_else is None


def check_rows(
    typed_rows: Sequence[TypedRow], rows: Mapping[int, AccountRow], *, may_create: bool = True
) -> list[CheckedRow]:
    """Every typed row of these people, checked; what was not changed has neither problems nor doubts."""
    checked = [_read(each, rows[each.user_id]) for each in typed_rows if each.user_id in rows]
    changed = [each for each in checked if each.is_changed]
    hosts = _known_hosts()
    is_open_line_far = cache(_is_open_line_far)
    for each in changed:
        account = each.row.account
        if account is None and not may_create:
            each.problems["address"] = _("Your role does not allow new accounts.")
        _check_lines(each, is_open_line_far)
        _check_password(each)
        each.doubts = {
            name: doubt
            for name, doubt in doubts_about(each.values, hosts).items()
            if name not in each.problems and name in each.cells
        }
        if PASSWORD in each.cells and _lacks_password(each):
            each.doubts.setdefault(
                PASSWORD, Doubt(sentence=_("A login needs a password. Write it, or ask the user."))
            )
    _check_addresses(checked, changed)
    return checked


def _read(typed: TypedRow, row: AccountRow) -> CheckedRow:
    """The row with what somebody else changed meanwhile taken over where only they did."""
    shown = shown_cells(row.account, row.domain)
    own = {
        name for name in typed.typed if name == PASSWORD or typed.cells[name].strip() != shown[name]
    }
    cells = {name: typed.cells[name] if name in own else shown[name] for name in typed.cells}
    has_password = row.account is not None and row.account.password_sealed is not None
    forgets = typed.forgets and has_password and PASSWORD in cells and PASSWORD not in own
    if forgets:
        own.add(PASSWORD)
    checked = CheckedRow(row=row, cells=cells, typed=own, forgets=forgets)
    if not own:
        return checked
    if typed.made_from != made_from(row.account):
        checked.somebody_else = what_somebody_else_did(row.account, typed.made_from)
    checked.values, checked.problems = values_in(
        cells, own if row.account else set(cells), row.domain
    )
    if row.account is None:
        if "address" not in cells:
            checked.problems[min(own)] = _("There is no account yet. Give it an address first.")
        return checked
    if not cells.get("address", "x").strip():
        checked.problems["address"] = _(
            "An account keeps an address. To be rid of it, open its own page."
        )
    kept = {name: getattr(row.account, name) for name in KEPT if name not in checked.problems}
    checked.values = kept | checked.values
    return checked


def _check_lines(row: CheckedRow, is_open_line_far: Any) -> None:
    for host, security in (("smtp_host", "smtp_security"), ("imap_host", "imap_security")):
        is_touched = row.row.account is None or {host, security} & row.typed
        is_open = row.values.get(security) is MailSecurity.NONE and row.values.get(host)
        if is_touched and is_open and (sentence := is_open_line_far(row.values[host])):
            row.problems.setdefault(security, sentence)


def _is_open_line_far(host: str) -> str | None:
    """The sentence against an open line to this server; its name is looked up once for all rows."""
    try:
        refuse_open_line(host, MailSecurity.NONE, field="smtp_security")
    except Invalid as problem:
        return problem.message
    return None


def _check_password(row: CheckedRow) -> None:
    """Another server wants it again (E-3: nothing else does)."""
    if row.values.get(PASSWORD) or row.forgets:
        return
    account = row.row.account
    if account is None or not (account.password_sealed or account.uses_permission):
        return
    hosts = {name: row.values.get(name, getattr(account, name)) for name in HOSTS}
    if not is_led_elsewhere((account.smtp_host, account.imap_host), tuple(hosts.values())):
        return
    if account.uses_permission:
        moved = next(name for name in HOSTS if hosts[name] != getattr(account, name))
        row.problems.setdefault(moved, permission_stays())
    else:
        row.problems.setdefault(PASSWORD, _("The server is another one: write the password again."))


def _lacks_password(row: CheckedRow) -> bool:
    """Whether somebody names a login, and nobody has written what goes with it."""
    account = row.row.account
    is_written = row.values.get(PASSWORD) or PASSWORD in row.problems
    has_one = account is not None and (account.password_sealed or account.uses_permission)
    is_named = "login" in row.typed and row.values.get("login")
    return bool(is_named and not is_written and (row.forgets or not has_one))


def _check_addresses(checked: Sequence[CheckedRow], changed: Sequence[CheckedRow]) -> None:
    """One account an address: in the grid, and in the organization. What others have is not asked."""
    moving = {
        each.row.account.id for each in changed if each.row.account and "address" in each.typed
    }
    wanted: dict[str, list[CheckedRow]] = defaultdict(list)
    for each in changed:
        if "address" in each.typed and "address" in each.values:
            wanted[each.values["address"].normalised].append(each)
    holders = _holders(wanted)
    for norm, rows in wanted.items():
        holder = holders.get(norm)
        for each in rows:
            others = [other.row.user.name for other in rows if other is not each]
            if others:
                sentence = _("%(name)s has the same address here.", name=others[0])
                each.problems.setdefault("address", sentence)
            elif holder and holder[0] not in moving:
                each.problems.setdefault("address", _taken(holder[1]))


def _holders(wanted: Mapping[str, Any]) -> dict[str, tuple[int, str | None]]:
    """Which account of the organization has an address now, and whose it is."""
    if not wanted:
        return {}
    query = (
        select(MailAccount.address_norm, MailAccount.id, User.name)
        .outerjoin(User, User.id == MailAccount.owner_id)
        .where(MailAccount.address_norm.in_(wanted))
    )
    return {norm: (key, name) for norm, key, name in db.session.execute(query)}


def _taken(owner: str | None) -> str:
    if owner is None:
        return str(_("There is a shared account with this address already."))
    return str(_("This is the address of %(name)s's account already.", name=owner))


def _known_hosts() -> set[str]:
    """The servers that several accounts use: their names are right."""
    hosts: Counter[str] = Counter()
    for pair in db.session.execute(select(MailAccount.smtp_host, MailAccount.imap_host)):
        hosts.update({host for host in pair if host})
    return {host for host, count in hosts.items() if count >= OFTEN}
