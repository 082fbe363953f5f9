"""What commands tell of a mailing: the lines of its list, and what a rehearsal came to."""

import time
from typing import Any

from sqlalchemy import func, select

from jobs.mailings import workshop
from models.base import db
from models.mailings.mailing import Mailing
from models.mailings.rehearsal import MailingRehearsal, RehearsedMessage
from services.mailings.reasons import sentence_for
from services.mailings.recipient_lines import FurtherAddress, Recipient
from services.mailings.rehearsal import ask_to_rehearse, counts_of
from services.mailings.rehearsing import carry_out


def as_object(row: Recipient) -> dict[str, Any]:
    """A line of the list; `answers` are all addresses of a message that goes to several, its own first."""
    told = [*([row.own] if row.own else []), *row.copies]
    return {
        "customer": row.customer_number or None,
        "address": row.address,
        "documents": list(row.documents),
        "state": row.state.value,
        "reason_code": row.reason.value if row.reason else None,
        "message_id": row.message_id,
        "smtp_code": row.smtp_code,
        "answers": [_answer(each) for each in told],
    }


def as_lines(row: Recipient) -> list[str]:
    """The same for people."""
    parts = [row.customer_number, row.address, " ".join(row.documents), row.state.value]
    line = "\t".join([*(part or "-" for part in parts), sentence_for(row.reason)]).rstrip()
    if row.own and row.own.is_missed:
        line += f" ({row.own.address}: {row.own.state.value})"
    return [
        line,
        *(f"\t{each.role.value} {each.address}\t{each.state.value}" for each in row.copies),
    ]


def rehearse_now(mailing: Mailing) -> dict[str, Any]:
    """Ask for a rehearsal and carry it out here; waits if a worker was faster."""
    key = ask_to_rehearse(mailing).id
    number = mailing.id
    db.session.commit()
    carry_out(key, workshop())
    while (found := _fresh(key)).finished_at is None:
        time.sleep(0.5)
    counts = counts_of(found)
    kinds = select(RehearsedMessage.problem, func.count()).where(
        RehearsedMessage.rehearsal_id == key, RehearsedMessage.problem.is_not(None)
    )
    odd = {
        kind.value: count
        for kind, count in db.session.execute(kinds.group_by(RehearsedMessage.problem))
        if kind is not None
    }
    return {
        "mailing": number,
        "planned": found.planned,
        "arrived": counts.arrived,
        "odd": counts.odd,
        "problem": found.problem,
        "problems": dict(sorted(odd.items())),
    }


def rehearsal_words(report: dict[str, Any]) -> str:
    """The result in a sentence."""
    told = f"{report['arrived']} of {report['planned']} messages arrived in the viewer"
    odd = ", ".join(f"{count} {kind}" for kind, count in report["problems"].items())
    if report["problem"]:
        return f"The rehearsal ended early: the mailing is {report['problem']} now; {told}."
    return f"{told}; odd: {odd}. Nothing has left." if odd else f"{told}. Nothing has left."


def _answer(told: FurtherAddress) -> dict[str, Any]:
    return {
        "address": told.address,
        "as": told.role.value,
        "state": told.state.value,
        "smtp_code": told.smtp_code,
    }


def _fresh(key: int) -> MailingRehearsal:
    db.session.rollback()
    return db.session.get_one(MailingRehearsal, key, populate_existing=True)
