"""Saved texts in the form of a mailing: choose one, or keep what one has written under a name (S1-10)."""

from collections.abc import Iterable, Iterator

from flask import flash
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy import select
from wtforms import Field

from admin_views.identity import current_staff
from admin_views.screens.mailing_form import MailingForm
from models.base import db
from models.mailings.message_template import MessageTemplate
from services.mailings.message import text_problems
from services.mailings.plain_text import as_html, as_typed
from services.mailings.saved_texts import save_text

# What a saved text is made of; what is wrong elsewhere does not keep it from being saved.
OF_TEXT = {"template_name", "subject", "body", "variant_subject", "variant_body"}


def template_choices() -> list[tuple[str, str]]:
    """The names, each with the languages that it is written in."""
    languages: dict[str, list[str]] = {}
    rows = db.session.execute(
        select(MessageTemplate.code, MessageTemplate.lang).order_by(
            MessageTemplate.code, MessageTemplate.lang
        )
    )
    for code, lang in rows:
        languages.setdefault(code, []).append(lang)
    named = get_locale().languages
    choices = [("", str(_("Blank")))]
    for code, langs in languages.items():
        words = ", ".join(named.get(lang, lang) for lang in langs)
        choices.append((code, f"{code} · {words}"))
    return choices


def use_template(form: MailingForm, lang: str, variant_lang: str) -> None:
    """Put the saved text into the form, in both languages if it has them; a blank one empties it."""
    code = form.template.data or ""
    found = {
        template.lang: template
        for template in db.session.scalars(
            select(MessageTemplate).where(MessageTemplate.code == code)
        )
    }
    main = found.get(lang) or found.get(variant_lang)
    form.subject.data = main.subject if main else ""
    form.body.data = as_typed(main.body_html) if main else ""
    other = found.get(variant_lang) if main is not found.get(variant_lang) else None
    form.variant_subject.data = other.subject if other else ""
    form.variant_body.data = as_typed(other.body_html) if other else ""


def keep_template(form: MailingForm, lang: str, variant_lang: str) -> bool:
    """Save what stands in the form under a name; False with every error at its field."""
    current_staff().rights.require("message_template", "create")
    name = (form.template_name.data or "").strip()
    if not name:
        form.template_name.errors = [_("Give the text a name.")]
        return False
    form.validate()
    for field in form:
        if field.short_name not in OF_TEXT:
            field.errors = []
    texts = {lang: (form.subject, form.body)}
    if (form.variant_body.data or "").strip():
        texts[variant_lang] = (form.variant_subject, form.variant_body)
    if not form.errors and not all(part.data.strip() for text in texts.values() for part in text):
        form.template_name.errors = [_("A text to save needs a subject and a message.")]
    if not form.errors:
        for field, sentence in _unreadable(texts.values()):
            field.errors = [*field.errors, sentence]
    if form.errors:
        return False
    save_text(
        name,
        {key: (subject.data.strip(), as_html(body.data)) for key, (subject, body) in texts.items()},
    )
    db.session.commit()
    form.template.choices = template_choices()
    form.template.data, form.template_name.data = name, ""
    flash(_("The text “%(name)s” is saved.", name=name))
    return True


def _unreadable(texts: Iterable[tuple[Field, Field]]) -> Iterator[tuple[Field, str]]:
    """The fields that no message could be made of, each with what is wrong."""
    for subject, body in texts:
        for problem in text_problems(subject.data, as_html(body.data)):
            yield subject if problem.field == "subject" else body, problem.message


def may_keep() -> bool:
    return bool(current_staff().rights.allows("message_template", "create"))
