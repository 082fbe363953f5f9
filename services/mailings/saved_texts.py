"""Texts that are kept under a name, one row for each language (S1-10)."""

from collections.abc import Mapping

from sqlalchemy import select, text

from models.base import db
from models.mailings.message_template import MessageTemplate
from models.tenancy import current_scope

TEXTS_LOCK = 8_004


def save_text(name: str, texts: Mapping[str, tuple[str, str]]) -> None:
    """Keep `texts`, by language a subject and an HTML body; what has the name already gets a new revision.

    Of several who save at once, each waits for the one before; the last one wins.
    """
    db.session.execute(
        text("SELECT pg_advisory_xact_lock(:kind, :organization)"),
        {"kind": TEXTS_LOCK, "organization": current_scope().organization_id},
    )
    named = select(MessageTemplate).where(MessageTemplate.code == name)
    fresh = named.with_for_update().execution_options(populate_existing=True)
    kept = {template.lang: template for template in db.session.scalars(fresh)}
    for lang, (subject, body_html) in texts.items():
        template = kept.get(lang)
        if template is None:
            db.session.add(
                MessageTemplate(code=name, lang=lang, subject=subject, body_html=body_html)
            )
        elif (template.subject, template.body_html) != (subject, body_html):
            template.subject, template.body_html = subject, body_html
            template.revision += 1
    db.session.flush()


def saved_names() -> list[str]:
    """The names of all saved texts, by the alphabet."""
    return list(
        db.session.scalars(select(MessageTemplate.code).distinct().order_by(MessageTemplate.code))
    )
