"""Texts that are kept under a name, one row for each language (S1-10)."""

from collections.abc import Mapping

from sqlalchemy import select

from models.base import db
from models.mailings.message_template import MessageTemplate


def save_text(name: str, texts: Mapping[str, tuple[str, str]]) -> None:
    """Keep `texts`, by language a subject and an HTML body; what has the name already gets a new revision."""
    kept = {
        template.lang: template
        for template in db.session.scalars(
            select(MessageTemplate).where(MessageTemplate.code == name)
        )
    }
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
