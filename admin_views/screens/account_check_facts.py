"""What a check found out about a server, in words: its certificate, what it can, how large a message may be."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from admin_views.reader_formats import day, number, zone
from mail.step_log import Result
from mail.steps import Step
from models.mailbox.mail_account import MailAccount

Facts = Mapping[str, Any]
MEGABYTE = 2**20


def facts_words(step: Mapping[str, Any], account: MailAccount) -> str:
    """What was found in a step, in one line."""
    facts = step.get("facts") or {}
    match Step(step["step"]):
        case Step.NAME:
            return _joined(facts.get("addresses", []))
        case Step.TCP if "address" in facts:
            return _("%(address)s, port %(port)s", **facts)
        case Step.TLS:
            return _certificate(facts)
        case Step.HELLO:
            return _abilities(facts)
        case Step.SIGN_IN if step["result"] == Result.GOOD:
            login = account.imap_login if step["side"] == "imap" else None
            return _("as %(login)s", login=login or account.login or "")
        case Step.SENDER if step["result"] == Result.GOOD:
            return account.address
        case Step.MESSAGE if step["result"] == Result.GOOD:
            name = facts.get("queue_id")
            return _("taken as %(name)s", name=name) if name else _("taken")
        case Step.INBOX if "messages" in facts:
            count = int(facts["messages"])
            return str(ngettext("%(n)s message", "%(n)s messages", count, n=number(count)))
    return ""


def _certificate(facts: Facts) -> str:
    parts = [str(facts["version"]).replace("TLSv", "TLS ")] if facts.get("version") else []
    if facts.get("names"):
        parts.append(_("for %(names)s", names=_joined(facts["names"][:3])))
    if facts.get("until"):
        until = datetime.fromisoformat(facts["until"]).astimezone(zone()).date()
        parts.append(_("until %(day)s", day=day(until)))
    return " · ".join(parts)


def _abilities(facts: Facts) -> str:
    parts = []
    if facts.get("longest_message"):
        size = number(round(facts["longest_message"] / MEGABYTE))
        parts.append(_("Up to %(size)s MB a message", size=size))
    parts += [
        name
        for name, key in (("SMTPUTF8", "smtputf8"), ("PIPELINING", "pipelining"))
        if facts.get(key)
    ]
    if facts.get("sign_in_methods"):
        parts.append("AUTH " + " ".join(facts["sign_in_methods"]))
    if facts.get("protocol"):
        parts.append(_("It speaks %(protocol)s.", protocol=facts["protocol"]))
    known = [name for name in facts.get("capabilities", []) if name in ("IDLE", "MOVE", "QRESYNC")]
    return " · ".join([*parts, *known])


def _joined(names: list[str]) -> str:
    return ", ".join(map(str, names))
