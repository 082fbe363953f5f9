"""A mailing that is refused too often stops by itself, with the numbers, before a provider blocks the account (X1-04).

One look for all mailings of some accounts, at the last answers only; one UPDATE says who stopped it.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import case, func, text, update

from models.audit_trail import record_event
from models.base import db
from models.mailings.mailing import Mailing
from models.mailings.mailing_state import MailingState
from models.tenancy import across_organizations, acting_in
from services.mailings.trouble_emails import notify_stopped

logger = logging.getLogger(__name__)
# A list that is kept up has some 1 in 50 wrong; providers warn at 5 % and block at 10 % over a day. One in five among
# the last fifty is far beyond what chance does to a good list, and still only ten messages too many.
LAST_ANSWERS = 50
FEWEST_ANSWERS = 20  # fewer say nothing: 2 of the first 5 may be wrong in any list
MOST_REFUSED_PERCENT = 20
WORSE_BY = 2  # times the share that a person has gone on with
LOOKS_AT = 500  # attempts of the account; where several mailings take turns, more than one's own are among them

REFUSED_TOO_OFTEN = text("""
SELECT m.id, m.organization_id, last.refused, last.answers
  FROM mailing m, LATERAL (
    SELECT count(*) AS answers, count(*) FILTER (WHERE t.is_refused) AS refused FROM (
      SELECT a.outcome = 'perm_fail' AS is_refused FROM (
        SELECT delivery_id, outcome, smtp_code, phase, started_at FROM delivery_attempt
         WHERE account_id = m.account_id AND started_at >= coalesce(m.answers_since, m.started_at)
         ORDER BY started_at DESC LIMIT :looks_at
      ) a
      WHERE (a.outcome = 'ok' OR (a.outcome = 'perm_fail' AND a.smtp_code >= 500 AND a.phase IN ('rcpt', 'data')))
        AND (SELECT s.mailing_id FROM delivery_state s WHERE s.delivery_id = a.delivery_id) = m.id
      ORDER BY a.started_at DESC LIMIT :last_answers
    ) t
  ) last
 WHERE m.account_id = ANY(:accounts) AND m.state = 'sending' AND last.answers >= :fewest
   AND last.refused * 100 > :percent * last.answers
   AND (m.tolerated_percent IS NULL OR last.refused * 100 >= :worse_by * m.tolerated_percent * last.answers)
 ORDER BY m.organization_id, m.id
""")


@dataclass(frozen=True)
class Refused:
    """A mailing, and how many of its last answers were refusals."""

    mailing_id: int
    organization_id: int
    refused: int
    answers: int


def stop_refused(account_ids: Sequence[int], base_url: str) -> None:
    """Stop what should not go on, and write to who started it; commits as it goes."""
    for found in refused_too_often(account_ids):
        with acting_in(found.organization_id):
            has_stopped = stop_by_itself(found)
            db.session.commit()
            if has_stopped:
                logger.warning(
                    "mailing %s stops by itself: %d of %d answers were refusals",
                    *(found.mailing_id, found.refused, found.answers),
                )
                notify_stopped(found.mailing_id, base_url)
                db.session.commit()


def refused_too_often(account_ids: Sequence[int]) -> list[Refused]:
    """The mailings that are being sent through these accounts and should not go on."""
    with across_organizations():
        rows = db.session.execute(
            REFUSED_TOO_OFTEN,
            {
                "accounts": list(account_ids),
                "looks_at": LOOKS_AT,
                "last_answers": LAST_ANSWERS,
                "fewest": FEWEST_ANSWERS,
                "percent": MOST_REFUSED_PERCENT,
                "worse_by": WORSE_BY,
            },
        )
        return [Refused(*row) for row in rows]


def stop_by_itself(found: Refused) -> bool:
    """Whether this call stopped it; a person, or another process, may have been faster."""
    stopped = db.session.execute(
        update(Mailing)
        .where(Mailing.id == found.mailing_id, Mailing.state == MailingState.SENDING)
        .values(
            state=MailingState.STOPPING,
            stop_requested_at=func.clock_timestamp(),
            refused_answers=found.refused,
            last_answers=found.answers,
            version=Mailing.version + 1,
        )
        .execution_options(synchronize_session=False)
    )
    db.session.expire_all()
    if not stopped.rowcount:  # type: ignore[attr-defined]  # an UPDATE has it
        return False
    record_event(
        db.session(),
        entity="mailing",
        entity_id=found.mailing_id,
        action="stop_by_itself",
        before={"state": MailingState.SENDING.value},
        after={
            "state": MailingState.STOPPING.value,
            "refused": found.refused,
            "answers": found.answers,
        },
    )
    return True


# What a person who goes on says: this share is known. For the UPDATE that starts a mailing.
GOING_ON = {
    "tolerated_percent": case(
        (
            Mailing.last_answers.is_not(None),
            Mailing.refused_answers * 100 // Mailing.last_answers,
        ),
        else_=Mailing.tolerated_percent,
    ),
    "refused_answers": None,
    "last_answers": None,
    "answers_since": func.now(),
}
