"""What the grid of accounts shows: its columns, a row for each person, and what is wrong or odd in which cell."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from flask import url_for
from flask_babel import gettext as _

from admin_views.screens.account_check_page import side_badge_of
from admin_views.screens.account_grid_form import Asked
from admin_views.screens.account_grid_words import asked_words, label_of, standing_word, words_about
from admin_views.screens.import_pages import Badge
from mail.step_log import Side
from models.mailbox.account_check import AccountCheck
from models.mailbox.mail_account import MailAccount
from models.mailbox.mail_sign_in import MailSecurity
from services.mailbox.account_cells import PASSWORD, fingerprint, made_from, shown_cells
from services.mailbox.account_checking import CheckedRow
from services.mailbox.account_rows import AccountRow
from services.mailbox.account_states import Standing, check_tells, standing_of
from services.mailbox.cell_doubts import Doubt
from services.mailbox.cell_rules import readable
from services.mailbox.providers import PRESETS
from services.people.departments import DepartmentTree

KINDS = {
    PASSWORD: "password",
    "smtp_port": "number",
    "imap_port": "number",
    "per_day": "number",
    "sync_days": "number",
    "smtp_security": "choice",
    "imap_security": "choice",
}
SELDOM = {"login", "per_day"}  # columns that are folded away until one wants them
STANDINGS = {
    Standing.WITHOUT: ("", "minus"),
    Standing.OFF: ("", "plug-off"),
    Standing.TROUBLED: ("bad", "server-off"),
    Standing.TESTING: ("live", "loader-2"),
    Standing.UNTESTED: ("", "hourglass"),
    Standing.READY: ("ok", "circle-check"),
}


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of the grid; `choices` of a list, `hint` what an empty cell means."""

    name: str
    label: str
    kind: str
    hint: str
    is_seldom: bool
    choices: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, kw_only=True)
class ShownRow:
    """A person's row: `cells` as typed, `was` as they stand."""

    key: int
    name: str
    department: str
    cells: Mapping[str, str]
    was: Mapping[str, str]
    address: str
    prints: str
    made_from: str
    domain: str
    shown_domain: str
    has_password: bool
    asked: str
    forgets: bool
    further: int
    further_url: str
    account_url: str | None
    standing: Standing
    badge: Badge
    tested: Badge | None = None
    check_url: str | None = None
    problems: Mapping[str, str] = field(default_factory=dict)
    doubts: Mapping[str, Doubt] = field(default_factory=dict)
    typed: Collection[str] = ()
    meanwhile: str = ""
    is_chosen: bool = False


def columns_of(names: Sequence[str]) -> list[Column]:
    hints = {
        "address": _("no address"),
        "login": _("as the address"),
        "imap_login": _("as for outgoing mail"),
        "per_day": _("no limit"),
        "sync_days": _("all"),
    }
    words = [(each.value, str(word)) for each, word in MailSecurity.labels().items()]
    return [
        Column(
            name=name,
            label=str(label_of(name)),
            kind=KINDS.get(name, "text"),
            hint=hints.get(name, "—"),
            is_seldom=name in SELDOM,
            choices=list(reversed(words)) if KINDS.get(name) == "choice" else (),
        )
        for name in names
    ]


def shown_row(
    row: AccountRow,
    names: Sequence[str],
    check: AccountCheck | None,
    *,
    side: Side,
    checked: CheckedRow | None = None,
    chosen: Collection[int] = (),
    may_open: bool = False,
    asked_at: datetime | None = None,
) -> ShownRow:
    """A person's row as it stands, or as it was typed; fingerprints are always of what stands.

    Its test is that of the `side` one looks at.
    """
    stands = shown_cells(row.account, row.domain)
    account = row.account
    standing = standing_of(row, check)
    tested = _tested(account, check, standing, side)
    cells = {**stands, **checked.cells, PASSWORD: ""} if checked else stands
    return ShownRow(
        key=row.user.id,
        name=row.user.name,
        department=row.department.name if row.department else "",
        cells=cells,
        was=stands,
        address=readable(account.address) if account else "",
        prints=".".join(fingerprint(stands[name]) for name in names),
        made_from=made_from(account),
        domain=row.domain,
        shown_domain=readable(f"@{row.domain}")[1:],
        has_password=account is not None and account.password_sealed is not None,
        asked=asked_words(asked_at) if asked_at else "",
        forgets=checked is not None and checked.forgets,
        further=row.further,
        further_url=url_for("mail_account.index_view", flt_owner=row.user.id),
        account_url=url_for("mail_account.edit_view", id=account.id)
        if account and may_open
        else None,
        standing=standing,
        badge=_badge_of(account, standing, side),
        tested=tested,
        check_url=url_for("account_checks.check", public_id=account.public_id)
        if account and tested
        else None,
        problems=checked.problems if checked else {},
        doubts=checked.doubts if checked else {},
        typed=checked.typed if checked else (),
        meanwhile=words_about(checked.somebody_else) if checked and checked.somebody_else else "",
        is_chosen=row.user.id in chosen,
    )


def _tested(
    account: MailAccount | None, check: AccountCheck | None, standing: Standing, side: Side
) -> Badge | None:
    """What the newest test says of this side; that the account has sent since says nothing about receiving."""
    if side is Side.SMTP:
        return side_badge_of(check, side) if check_tells(standing, check) else None
    is_used = account is not None and account.is_active and account.imap_host
    return side_badge_of(check, side) if is_used else None


def _badge_of(account: MailAccount | None, standing: Standing, side: Side) -> Badge:
    """How the account stands where no test says it."""
    if side is Side.IMAP and account is not None and account.is_active:
        if not account.imap_host:
            return Badge(tone="", icon="minus", word=_("No server"))
        standing = Standing.UNTESTED
    tone, icon = STANDINGS[standing]
    return Badge(tone=tone, icon=icon, word=standing_word(standing))


def department_choices(tree: DepartmentTree, asked: Asked) -> list[tuple[str, str]]:
    """Every department with its people, below one another; all of them first."""
    below = asked.choice.with_below
    return [
        ("", _("All departments")),
        *(
            (
                str(each.department.id),
                f"{'· ' * each.depth}{each.department.name} ({each.people_below if below else each.people})",
            )
            for each in tree.entries()
        ),
    ]


def provider_choices() -> list[tuple[str, str, dict[str, str]]]:
    """The providers that we know, with the cells that they fill."""
    return [
        (
            key,
            preset.name,
            {
                "smtp_host": preset.smtp_host,
                "smtp_port": str(preset.smtp_port),
                "smtp_security": preset.smtp_security.value,
                "imap_host": preset.imap_host,
                "imap_port": str(preset.imap_port),
                "imap_security": preset.imap_security.value,
            },
        )
        for key, preset in PRESETS.items()
    ]
