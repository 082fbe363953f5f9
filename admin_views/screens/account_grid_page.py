"""What the grid of accounts shows: its columns, a row for each person, and what is wrong or odd in which cell."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from admin_views import reader_formats as reader
from admin_views.screens.account_grid_form import Asked
from admin_views.screens.import_pages import Badge
from models.mailbox.account_check import AccountCheck, CheckState
from models.mailbox.mail_account import MailAccount, MailSecurity
from services.mailbox.account_cells import PASSWORD, fingerprint, made_from, shown_cells
from services.mailbox.account_checking import CheckedRow
from services.mailbox.account_rows import AccountRow
from services.mailbox.account_saving import Outcome, RowResult
from services.mailbox.account_states import Standing, standing_of
from services.mailbox.cell_doubts import Doubt
from services.mailbox.cell_rules import readable
from services.mailbox.changed_meanwhile import SomebodyElse
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
OUTCOMES = {
    Outcome.SAVED: ("ok", "circle-check"),
    Outcome.UNCHANGED: ("", "equal"),
    Outcome.REFUSED: ("bad", "alert-circle"),
    Outcome.HELD_BACK: ("warn", "hourglass"),
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
    further: int
    further_url: str
    account_url: str | None
    standing: Standing
    badge: Badge
    check: AccountCheck | None = None
    problems: Mapping[str, str] = field(default_factory=dict)
    doubts: Mapping[str, Doubt] = field(default_factory=dict)
    typed: Collection[str] = ()
    meanwhile: str = ""
    is_chosen: bool = False

    @property
    def shows_check(self) -> bool:
        """Whether its newest test says how it stands: not if it is off, waits for a person, or has worked since."""
        is_bad = self.check is not None and self.check.state is CheckState.BAD
        return {
            Standing.TESTING: True,
            Standing.READY: not is_bad,
            Standing.TROUBLED: is_bad,
        }.get(self.standing, False)


@dataclass(frozen=True, kw_only=True)
class ShownResult:
    """What became of a person's row, with the reasons."""

    name: str
    address: str
    badge: Badge
    reasons: Sequence[str]


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
            label=str(_label(name)),
            kind=KINDS.get(name, "text"),
            hint=hints.get(name, "—"),
            is_seldom=name in SELDOM,
            choices=list(reversed(words)) if KINDS.get(name) == "choice" else (),
        )
        for name in names
    ]


def _label(name: str) -> Any:
    column = "password_sealed" if name == PASSWORD else name
    return MailAccount.__table__.c[column].info["label"]


def shown_row(
    row: AccountRow,
    names: Sequence[str],
    check: AccountCheck | None,
    *,
    checked: CheckedRow | None = None,
    chosen: Collection[int] = (),
    may_open: bool = False,
) -> ShownRow:
    """A person's row as it stands, or as it was typed; fingerprints are always of what stands."""
    stands = shown_cells(row.account, row.domain)
    account = row.account
    standing = standing_of(row, check)
    tone, icon = STANDINGS[standing]
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
        further=row.further,
        further_url=url_for("mail_account.index_view", flt_owner=row.user.id),
        account_url=url_for("mail_account.edit_view", id=account.id)
        if account and may_open
        else None,
        standing=standing,
        badge=Badge(tone=tone, icon=icon, word=standing_word(standing)),
        check=check,
        problems=checked.problems if checked else {},
        doubts=checked.doubts if checked else {},
        typed=checked.typed if checked else (),
        meanwhile=words_about(checked.somebody_else) if checked and checked.somebody_else else "",
        is_chosen=row.user.id in chosen,
    )


def standing_word(standing: Standing) -> str:
    return str(
        {
            Standing.WITHOUT: _("No account"),
            Standing.OFF: _("Switched off"),
            Standing.TROUBLED: _("Does not work"),
            Standing.TESTING: _("Testing"),
            Standing.UNTESTED: _("Not tested"),
            Standing.READY: _("Works"),
        }[standing]
    )


def words_about(change: SomebodyElse) -> str:
    """What somebody else did to the account, in a sentence."""
    when = reader.ago(change.at) if change.at else ""
    if change.is_gone:
        return str(_("The account was deleted meanwhile. Saved again, it is made anew."))
    if change.is_new:
        return str(
            _(
                "%(name)s gave this person another account meanwhile (%(when)s).",
                name=change.name,
                when=when,
            )
        )
    columns = MailAccount.__table__.c
    fields = [
        str(columns[name].info.get("label", name))
        for name in change.columns
        if name in columns and not columns[name].info.get("hidden")
    ]
    return str(
        _(
            "%(name)s changed this account meanwhile (%(when)s): %(fields)s. What you typed is kept; save again if it shall count.",
            name=change.name,
            when=when,
            fields=", ".join(fields),
        )
    )


def subtitle(department: str, standings: Sequence[Standing]) -> str:
    """«Ventas · 12 users, 8 ready, 2 with errors, 2 without account» (S4-10)."""
    count = {standing: standings.count(standing) for standing in Standing}
    untested = count[Standing.UNTESTED] + count[Standing.TESTING]
    troubled, without = count[Standing.TROUBLED], count[Standing.WITHOUT]
    ready, off = count[Standing.READY], count[Standing.OFF]
    parts = [
        (1, ngettext("%(num)d user", "%(num)d users", len(standings))),
        (ready, ngettext("%(num)d ready", "%(num)d ready", ready)),
        (troubled, ngettext("%(num)d with an error", "%(num)d with errors", troubled)),
        (untested, ngettext("%(num)d not tested", "%(num)d not tested", untested)),
        (off, ngettext("%(num)d switched off", "%(num)d switched off", off)),
        (without, ngettext("%(num)d without account", "%(num)d without account", without)),
    ]
    return f"{department} · {', '.join(words for number, words in parts if number)}"


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


def shown_results(results: Sequence[RowResult]) -> list[ShownResult]:
    """What became of each row: the refused ones first, then those that wait, then the saved ones."""
    order = (Outcome.REFUSED, Outcome.HELD_BACK, Outcome.SAVED, Outcome.UNCHANGED)
    words = Outcome.labels()
    return [
        ShownResult(
            name=each.checked.row.user.name,
            address=_address_of(each),
            badge=Badge(
                tone=OUTCOMES[each.outcome][0],
                icon=OUTCOMES[each.outcome][1],
                word=str(words[each.outcome]),
            ),
            reasons=_reasons(each.checked),
        )
        for each in sorted(results, key=lambda one: order.index(one.outcome))
    ]


def _address_of(result: RowResult) -> str:
    typed = result.checked.cells.get("address", "")
    domain = result.checked.row.domain
    return typed if "@" in typed or not typed or not domain else f"{typed}@{domain}"


def _reasons(checked: CheckedRow) -> list[str]:
    reasons = [f"{_label(name)}: {sentence}" for name, sentence in checked.problems.items()]
    if checked.somebody_else:
        reasons.append(words_about(checked.somebody_else))
    return reasons


def result_words(results: Sequence[RowResult]) -> str:
    """«11 users saved, 1 not saved»: only what there is."""
    count = dict.fromkeys(Outcome, 0)
    for each in results:
        count[each.outcome] += 1
    parts = [
        (
            Outcome.SAVED,
            ngettext("%(num)d user saved", "%(num)d users saved", count[Outcome.SAVED]),
        ),
        (Outcome.REFUSED, _("%(count)d not saved", count=count[Outcome.REFUSED])),
        (Outcome.HELD_BACK, _("%(count)d waiting", count=count[Outcome.HELD_BACK])),
        (Outcome.UNCHANGED, _("%(count)d unchanged", count=count[Outcome.UNCHANGED])),
    ]
    return ", ".join(words for outcome, words in parts if count[outcome]) or str(
        _("Nothing to save")
    )
