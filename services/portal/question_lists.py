"""What is asked of whoever wants to get in, as a level's own list (X0-04)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import select

from models.base import db
from models.people.customer_group import CustomerGroup
from models.portal.access_request import PortalQuestion, QuestionKind
from services.portal.form_refused import FormRefused

MOST_QUESTIONS = 20
LONGEST_LABEL = 200
MOST_OPTIONS = 30


@dataclass(frozen=True)
class WantedQuestion:
    """A line of the list; `id` None: a new one. Without any words it is taken out."""

    id: int | None
    label: Mapping[str, str]
    kind: QuestionKind
    is_required: bool
    options: str


def questions_of(group: CustomerGroup | None) -> Sequence[PortalQuestion]:
    """The questions of this very level, in their order."""
    here = PortalQuestion.customer_group_id
    found: Sequence[PortalQuestion] = db.session.scalars(
        select(PortalQuestion)
        .where(here == group.id if group is not None else here.is_(None))
        .order_by(PortalQuestion.position, PortalQuestion.id)
    ).all()
    return found


def save_questions(group: CustomerGroup | None, wanted: Sequence[WantedQuestion]) -> None:
    """Write the list: changed, new, taken out. Raises FormRefused (`label-0`)."""
    known = {question.id: question for question in questions_of(group)}
    problems: dict[str, str] = {}
    kept = [(number, line) for number, line in enumerate(wanted) if any(line.label.values())]
    if len(kept) > MOST_QUESTIONS:
        problems["label-0"] = _("There are at most %(most)d questions.", most=MOST_QUESTIONS)
    for number, line in kept:
        if max(len(words) for words in line.label.values()) > LONGEST_LABEL:
            problems[f"label-{number}"] = _(
                "A question has at most %(most)d characters.", most=LONGEST_LABEL
            )
        if line.kind is QuestionKind.CHOICE and not 2 <= len(_options(line)) <= MOST_OPTIONS:
            problems[f"options-{number}"] = _("Write two answers or more, one a line.")
    if problems:
        raise FormRefused(problems)
    for position, (_number, line) in enumerate(kept):
        question = known.pop(line.id or 0, None)
        if question is None:
            question = PortalQuestion(customer_group_id=group.id if group is not None else None)
            db.session.add(question)
        question.position = position
        # Words of a language that is off at present stay for when it is on again.
        others = {
            lang: words for lang, words in (question.label or {}).items() if lang not in line.label
        }
        question.label = others | {lang: words for lang, words in line.label.items() if words}
        question.kind, question.is_required = line.kind, line.is_required
        question.options = _options(line) if line.kind is QuestionKind.CHOICE else []
    for question in known.values():
        db.session.delete(question)
    db.session.flush()


def _options(line: WantedQuestion) -> list[str]:
    lines = (" ".join(each.split()) for each in line.options.splitlines())
    return list(dict.fromkeys(each for each in lines if each))
