"""What is asked at the registration, for a customer group or for all of them (X0-04)."""

from collections.abc import Mapping, Sequence

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from admin_views.identity import current_staff
from admin_views.portal_emails_page import LANGUAGE_NAMES
from admin_views.portal_place import (
    QUESTIONS,
    group_asked,
    page_head,
    page_without_portal,
    require_portal,
    text_languages,
)
from errors import AppError
from models.base import db
from models.people.customer_group import CustomerGroup
from models.portal.access_request import QuestionKind
from models.tenancy import current_scope, enter
from services.portal.access_requests import questions_for, words_of
from services.portal.form_refused import FormRefused
from services.portal.question_lists import (
    MOST_QUESTIONS,
    WantedQuestion,
    questions_of,
    save_questions,
)

RESOURCE = "portal_text"
EMPTY_LINES = 2
GROUP, COMPANY = "/customer-groups/<int:group_id>/questions", "/preferences/portal/questions"
blueprint = Blueprint("portal_questions", __name__)


@blueprint.get(GROUP)
@blueprint.get(COMPANY, defaults={"group_id": None})
def index(group_id: int | None) -> ResponseReturnValue:
    """The list, with room for new ones."""
    current_staff().rights.require(RESOURCE, "view")
    group = group_asked(group_id)
    return page_without_portal(group, QUESTIONS) or _page(group)


@blueprint.post(GROUP)
@blueprint.post(COMPANY, defaults={"group_id": None})
def save(group_id: int | None) -> ResponseReturnValue:
    """Save the list."""
    current_staff().rights.require(RESOURCE, "edit")
    group, scope, wanted = group_asked(group_id), current_scope(), _typed()
    require_portal(group)
    try:
        save_questions(group, wanted)
        db.session.commit()
    except AppError as refusal:
        problems = refusal.problems if isinstance(refusal, FormRefused) else {}
        db.session.rollback()
        enter(scope)
        page = _page(group_asked(group_id), wanted, message=refusal.message, problems=problems)
        return page, refusal.status
    flash(_("The questions were saved."))
    return redirect(url_for("portal_questions.index", group_id=group_id))


def _page(
    group: CustomerGroup | None,
    lines: Sequence[WantedQuestion] | None = None,
    *,
    message: str = "",
    problems: Mapping[str, str] | None = None,
) -> str:
    shown = (
        list(lines)
        if lines is not None
        else [
            WantedQuestion(
                each.id,
                {lang: each.label.get(lang, "") for lang in text_languages()},
                each.kind,
                each.is_required,
                "\n".join(each.options),
            )
            for each in questions_of(group)
        ]
    )
    own = bool(shown)
    if lines is None:
        shown += [_empty()] * min(EMPTY_LINES, MOST_QUESTIONS - len(shown))
    inherited = [] if own or group is None else questions_for(group.parent)
    return render_template(
        "admin/portal/questions.html",
        **page_head(group, QUESTIONS),
        url=url_for("portal_questions.index", group_id=group.id if group is not None else None),
        lines=shown,
        inherited=[words_of(each, current_staff().user.lang) for each in inherited],
        kinds=QuestionKind.labels(),
        language_names=LANGUAGE_NAMES,
        message=message,
        problems=problems or {},
        is_typed=bool(message),
        may_edit=current_staff().rights.allows(RESOURCE, "edit"),
    )


def _typed() -> list[WantedQuestion]:
    form, lines, languages = request.form, [], text_languages()
    for number in range(MOST_QUESTIONS + EMPTY_LINES):
        if f"kind-{number}" not in form:
            break
        kind, key = form[f"kind-{number}"], form.get(f"id-{number}", "")
        lines.append(
            WantedQuestion(
                int(key) if key.isdecimal() and len(key) < 19 else None,
                {
                    lang: form[f"label-{number}-{lang}"].strip()
                    for lang in languages  # one that was switched on since is not in the form
                    if f"label-{number}-{lang}" in form
                },
                QuestionKind(kind) if kind in set(QuestionKind) else QuestionKind.TEXT,
                form.get(f"required-{number}") == "1",
                form.get(f"options-{number}", ""),
            )
        )
    return lines


def _empty() -> WantedQuestion:
    return WantedQuestion(None, dict.fromkeys(text_languages(), ""), QuestionKind.TEXT, False, "")
