"""What the page of one account's test shows: the sentence on top, the steps, the health, the report to copy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from admin_views.reader_formats import day, moment, number, zone
from admin_views.screens.account_check_facts import facts_words
from admin_views.screens.account_check_words import advice_of, step_words
from admin_views.screens.import_pages import Badge
from admin_views.screens.mailing_words import reason_words
from mail.step_log import Result, Side
from mail.steps import Step
from models.mailbox.account_check import AccountCheck, CheckState
from models.mailbox.mail_account import MailAccount
from models.mailbox.mail_sign_in import MailSecurity
from services.mailbox.healing import next_checks
from services.mailings.account_load import sent_today, waiting_of
from services.system.retelling import retold

DOTS = {
    Result.GOOD: ("ok", "check"),
    Result.DOUBTFUL: ("warn", "alert-triangle"),
    Result.BAD: ("bad", "x"),
    Result.UNTRIED: ("idle", "minus"),
}
STATES = {
    CheckState.WAITING: ("", "clock"),
    CheckState.RUNNING: ("live", "loader-2"),
    CheckState.GOOD: ("ok", "circle-check"),
    CheckState.DOUBTFUL: ("warn", "alert-triangle"),
    CheckState.BAD: ("bad", "alert-circle"),
}


@dataclass(frozen=True, kw_only=True)
class StepLine:
    """One step as the page shows it."""

    title: str
    tone: str
    icon: str
    word: str
    text: str
    cure: str
    answer: str
    is_open: bool
    took: str


@dataclass(frozen=True, kw_only=True)
class SideCard:
    """Sending or receiving."""

    name: str
    title: str
    place: str
    state: Badge
    steps: Sequence[StepLine]


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The sentence on top."""

    tone: str
    icon: str
    title: str
    text: str


def badge_of(check: AccountCheck | None) -> Badge | None:
    """How a test stands, for lists; a refused password says so."""
    if check is None:
        return None
    tone, icon = STATES[check.state]
    word = str(CheckState.labels()[check.state])
    if check.state is CheckState.BAD and _refused_sign_in(check.steps):
        icon, word = "key-off", _("Password refused")
    return Badge(tone=tone, icon=icon, word=word)


def side_badge_of(check: AccountCheck | None, side: Side) -> Badge | None:
    """How a test stands for sending or for receiving; None if it has tried nothing of it."""
    if check is None or check.is_open:
        return badge_of(check)
    steps = [step for step in check.steps if step["side"] == side]
    return _state_of(steps) if steps else None


def cards_of(check: AccountCheck, account: MailAccount) -> list[SideCard]:
    """Both sides with their steps; the one that was not tested is left out."""
    cards = []
    for side, name, title in ((Side.SMTP, "out", _("Outgoing")), (Side.IMAP, "in", _("Incoming"))):
        steps = [step for step in check.steps if step["side"] == side]
        if steps:
            cards.append(
                SideCard(
                    name=name,
                    title=title,
                    place=_place(side, account),
                    state=_state_of(steps),
                    steps=[_line(step, account) for step in steps],
                )
            )
    return cards


def verdict_of(check: AccountCheck, account: MailAccount) -> Verdict | None:
    """What the test says, in a sentence; None as long as it is under way."""
    if check.is_open:
        return None
    waiting = waiting_of(account)
    if check.state is CheckState.GOOD:
        receives = any(step["side"] == Side.IMAP for step in check.steps)
        text = _("It can send and receive.") if receives else _("It can send.")
        return Verdict(tone="ok", icon="circle-check", title=_("The account works."), text=text)
    what = trouble_words(check)
    if check.state is CheckState.DOUBTFUL:
        title = _("The account works, with a doubt.")
        return Verdict(tone="warn", icon="alert-triangle", title=title, text=what)
    is_sign_in = wants_password(check)
    title = _("The connections work, the password does not.") if is_sign_in else what
    parts = [_password_words(account) or what] if is_sign_in else []
    parts.append(_consequences(check.steps))
    if waiting:
        parts.append(
            ngettext(
                "%(n)s message waits and is not lost.",
                "%(n)s messages wait and none is lost.",
                waiting,
                n=number(waiting),
            )
        )
    icon = "key-off" if is_sign_in else "alert-circle"
    return Verdict(tone="bad", icon=icon, title=title, text=" ".join(filter(None, parts)))


def trouble_words(check: AccountCheck) -> str:
    """What is wrong, or odd, in a sentence; nothing about an account that works."""
    step = _telling_step(check.steps)
    said = advice_of(step) if step else None
    return str(said.what) if said else ""


def wants_password(check: AccountCheck) -> bool:
    """Whether signing in is all that went wrong."""
    failed = {step["step"] for step in check.steps if step["result"] == Result.BAD}
    return failed == {Step.SIGN_IN}


def trouble_of(check: AccountCheck) -> str:
    """What went wrong and what helps, in two sentences; nothing if nothing did."""
    step = _telling_step(check.steps)
    said = advice_of(step) if step else None
    return f"{said.what} {said.cure}".strip() if said else ""


def health_of(account: MailAccount) -> list[tuple[str, str]]:
    """Label and value: when it worked, how often it failed, whether it rests."""
    facts = [(_("Last success"), moment(account.last_good_at) if account.last_good_at else "")]
    if account.consecutive_failures:
        since = account.failing_since or account.last_bad_at
        count = number(account.consecutive_failures)
        text = _("%(n)s, since %(moment)s", n=count, moment=moment(since)) if since else count
        facts.append((_("Failures in a row"), text))
    elif account.last_bad_at:
        facts.append((_("Last failure"), moment(account.last_bad_at)))
    facts.append((_("State"), _standing(account)))
    sent = number(sent_today(account))
    if account.per_day:
        sent = _("%(sent)s of %(limit)s", sent=sent, limit=number(account.per_day))
    return [*facts, (_("Sent in 24 hours"), sent)]


def took_words(check: AccountCheck) -> str:
    """How long all steps took together."""
    return _seconds(sum(int(step["ms"]) for step in check.steps))


def _line(step: Mapping[str, Any], account: MailAccount) -> StepLine:
    result = Result(step["result"])
    tone, icon = DOTS[result]
    said = advice_of(step)
    facts = facts_words(step, account)
    if result is Result.UNTRIED:
        text, took = _("Not tried"), ""
    else:
        text = " ".join(filter(None, (str(said.what) if said else "", facts)))
        took = _seconds(int(step["ms"]))
    return StepLine(
        title=step_words(step["side"], step["step"]),
        tone=tone,
        icon=icon,
        word=_word(result),
        text=text,
        cure=str(said.cure) if said else "",
        answer=retold(step.get("answer") or ""),
        is_open=result in (Result.BAD, Result.DOUBTFUL),
        took=took,
    )


def _word(result: Result) -> str:
    return {
        Result.GOOD: _("good"),
        Result.DOUBTFUL: _("doubtful"),
        Result.BAD: _("bad"),
        Result.UNTRIED: _("not tried"),
    }[result]


def _state_of(steps: Sequence[Mapping[str, Any]]) -> Badge:
    results = {step["result"] for step in steps}
    if Result.BAD in results:
        if _refused_sign_in(steps):
            return Badge(tone="bad", icon="key-off", word=_("Password refused"))
        return Badge(tone="bad", icon="alert-circle", word=_("Does not work"))
    if Result.DOUBTFUL in results:
        return Badge(tone="warn", icon="alert-triangle", word=_("With a doubt"))
    if results == {Result.UNTRIED}:
        return Badge(tone="", icon="minus", word=_("Not tried"))
    return Badge(tone="ok", icon="circle-check", word=_("Works"))


def _refused_sign_in(steps: Sequence[Mapping[str, Any]]) -> bool:
    return any(step["step"] == Step.SIGN_IN and step["result"] == Result.BAD for step in steps)


def _telling_step(steps: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The step that the sentence is about: the first bad one, else the first doubtful one."""
    for result in (Result.BAD, Result.DOUBTFUL):
        for step in steps:
            if step["result"] == result:
                return step
    return None


def _place(side: Side, account: MailAccount) -> str:
    """Host, port and security, as they are now."""
    words = {**MailSecurity.labels(), MailSecurity.NONE: _("not encrypted")}
    parts: tuple[object, ...]
    if side is Side.SMTP:
        parts = (account.smtp_host, account.smtp_port, words[account.smtp_security])
    else:
        parts = (account.imap_host, account.imap_port, words[account.imap_security])
    return " · ".join(map(str, parts))


def _password_words(account: MailAccount) -> str:
    if account.password_set_at is None:
        return ""
    at = account.password_set_at.astimezone(zone()).date()
    return _("The server refused the password that was saved on %(day)s.", day=day(at))


def _consequences(steps: Sequence[Mapping[str, Any]]) -> str:
    failed = {step["side"] for step in steps if step["result"] == Result.BAD}
    if failed == {Side.SMTP, Side.IMAP}:
        return _("It can neither send nor receive until this is cured.")
    if failed == {Side.SMTP}:
        return _("It cannot send until this is cured.")
    return _("It can send, but not receive.")


def _standing(account: MailAccount) -> str:
    if not account.is_active:
        return _("Switched off")
    if not account.is_paused:
        return _("In use")
    why = reason_words(account.paused_reason or "")
    if account.paused_until is not None:
        return _("Rests until %(moment)s (%(why)s)", moment=moment(account.paused_until), why=why)
    due = next_checks([account.id]).get(account.id)
    if due is None:
        return _("Rests (%(why)s)", why=why)
    return _("Rests (%(why)s); tested by itself on %(moment)s", why=why, moment=moment(due))


def _seconds(milliseconds: int) -> str:
    if milliseconds < 1000:
        return f"{milliseconds} ms"
    return f"{number(milliseconds / 1000, 1)} s"
