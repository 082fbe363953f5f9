"""What is asked of whoever wants access; the questions of the group become fields."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, DecimalField, RadioField, SelectField, StringField
from wtforms.fields import Field, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from models.portal.access_request import AccessRequest, PortalQuestion, QuestionKind
from portal.door_forms import FILL_IN, LONGEST_NAME
from services.people.tax_ids import DROPDOWN
from services.portal.access_enquiries import LONGEST
from services.portal.access_requests import answer_to, words_of

LINE = 200
MOST_DIGITS = 15
NO_TYPE = "other"


class TermsForm(FlaskForm):
    """The terms, where there are any."""

    terms = BooleanField(
        _l("I accept the terms and conditions"),
        [DataRequired(_l("Without this you cannot come in."))],
    )


class ContactForm(FlaskForm):
    """Who asks."""

    name = StringField(_l("Your name"), [DataRequired(FILL_IN), Length(max=LINE)])
    email = StringField(
        _l("Your e-mail"),
        [DataRequired(FILL_IN), Length(max=LONGEST_NAME)],
        description=_l("We send a code to it, to be sure that it is yours."),
        render_kw={"type": "email"},
    )
    phone = StringField(_l("Phone"), [Optional(), Length(max=60)], render_kw={"type": "tel"})


class ResumeForm(FlaskForm):
    """Who has begun before, perhaps on another device."""

    email = StringField(
        _l("Your e-mail"),
        [DataRequired(FILL_IN), Length(max=LONGEST_NAME)],
        render_kw={"type": "email"},
    )


class RequestCodeForm(FlaskForm):
    """The code of the e-mail."""

    code = StringField(_l("Code"), [DataRequired(FILL_IN), Length(max=20)])


class AnswerForm(FlaskForm):
    """What staff asked besides."""

    answer = TextAreaField(_l("Your answer"), [DataRequired(FILL_IN), Length(max=LONGEST)])


class CompanyForm(FlaskForm):
    """For which company."""

    tax_id_type = SelectField(
        _l("Kind of tax id"),
        choices=[*((full, plain) for plain, full in DROPDOWN), (NO_TYPE, _l("Another one"))],
    )
    tax_id = StringField(_l("Number"), [DataRequired(FILL_IN), Length(max=60)])
    company_name = StringField(_l("Company name"), [DataRequired(FILL_IN), Length(max=LINE)])
    city = StringField(_l("City"), [Optional(), Length(max=LINE)])
    job_title = StringField(_l("Your position"), [Optional(), Length(max=LINE)])


def questions_form(request: AccessRequest, questions: Sequence[PortalQuestion]) -> Any:
    """A form with a field for each question, filled with what was answered before."""
    fields = {_name(each): _field(each, request.lang) for each in questions}
    form_class = type("QuestionsForm", (FlaskForm,), fields)
    given = {_name(each): _stored(each, answer_to(request, each)) for each in questions}
    return form_class(data={name: value for name, value in given.items() if value})


def answers_of(form: Any, questions: Sequence[PortalQuestion]) -> dict[PortalQuestion, str]:
    """What was written, as text."""
    return {each: _written(each, form[_name(each)]) for each in questions}


def _name(question: PortalQuestion) -> str:
    return f"q{question.id}"


def _field(question: PortalQuestion, lang: str) -> Field:
    label = words_of(question, lang)
    kind = question.kind
    needed = [InputRequired(FILL_IN)] if question.is_required else [Optional()]
    if kind is QuestionKind.LONG:
        return TextAreaField(label, [*needed, Length(max=4_000)])
    if kind is QuestionKind.NUMBER:
        return DecimalField(label, [*needed, _is_writable], render_kw={"inputmode": "decimal"})
    if kind is QuestionKind.DATE:
        return DateField(label, needed)
    if kind is QuestionKind.CHOICE:
        choices = [(each, each) for each in question.options]
        return SelectField(label, needed, choices=[("", "—"), *choices])
    if kind is QuestionKind.YES_NO:
        choices = [("yes", _("Yes")), ("no", _("No"))]
        return RadioField(label, needed, choices=choices)
    return StringField(label, [*needed, Length(max=LINE)])


def _is_writable(_form: FlaskForm, field: Field) -> None:
    """Whether the number can be written out, with two decimals; there are infinite ones, and some of a million digits."""
    number = field.data
    if not number.is_finite() or number.adjusted() >= MOST_DIGITS or len(str(number)) > LINE:
        raise ValidationError(_("Write a number of at most %(most)d digits.", most=MOST_DIGITS))


def _stored(question: PortalQuestion, answer: str) -> Any:
    """An answer as its field takes it; what the field cannot take any more is asked again."""
    form = type("OneForm", (FlaskForm,), {"field": _field(question, "es")})(
        formdata=None, meta={"csrf": False}
    )
    field = form.field
    if not answer or question.kind not in (QuestionKind.NUMBER, QuestionKind.DATE):
        return answer
    try:
        field.process_formdata([answer])
    except ValueError:
        return None
    return field.data


def _written(question: PortalQuestion, field: Field) -> str:
    if field.data in (None, ""):
        return ""
    return str(field.data).strip()
