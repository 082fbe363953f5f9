"""What other servers reported of a message after it had been accepted, as links of the chain behind an answer."""

from collections.abc import Iterator, Sequence

from flask_babel import gettext as _

from models.base import db
from models.mailings.delivery_report import DeliveryReport, ReportGrade
from services.mailings.explained_case import Case
from services.mailings.explained_step import Step, StepKind


def reported(case: Case) -> Iterator[Step]:
    """Each report; one that names no message of ours says so."""
    for report in _reports_of(case):
        said = report.words or report.address_norm
        if not report.is_certain:
            text = _(
                "An e-mail says that it did not arrive, without proof: %(answer)s", answer=said
            )
        elif report.grade is ReportGrade.DELAYED:
            text = _("Delayed, the next server keeps trying: %(answer)s", answer=said)
        else:
            text = _("It came back: %(answer)s", answer=said)
        yield Step(
            StepKind.CAME_BACK,
            text,
            report.reported_at,
            report.address_norm,
            _counts(report),
            report.message_id,
        )


def how_it_came_back(case: Case) -> str:
    """In a sentence; empty without a report that counts."""
    counted = [each for each in _reports_of(case) if _counts(each)]
    if not counted:
        return ""
    return str(
        _(
            "The mail server accepted it first; then it came back: %(answer)s",
            answer=counted[-1].words or counted[-1].address_norm,
        )
    )


def reported_answers(case: Case) -> list[str]:
    """What the servers wrote, word by word."""
    return [each.words for each in _reports_of(case) if each.is_certain and each.words]


def _counts(report: DeliveryReport) -> bool:
    return report.is_certain and report.grade is not ReportGrade.DELAYED


def _reports_of(case: Case) -> Sequence[DeliveryReport]:
    if case.delivery is None:
        return ()
    return db.session.scalars(DeliveryReport.of_delivery(case.delivery.id)).all()
