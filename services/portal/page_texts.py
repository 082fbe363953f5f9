"""Saving the texts beside the seven sections: the words on the portal's pages, the notice of another contact (X0-02)."""

from collections.abc import Mapping

from flask_babel import gettext as _

from errors import Conflict, Invalid
from models.audit_trail import record_event
from models.base import db
from models.people.customer_group import CustomerGroup
from models.portal.portal_text import SECTIONS, PortalTextKind
from services.portal.form_refused import FormRefused
from services.portal.portal_texts import Texts, checked_text, write_text

PAGE_TEXTS = tuple(kind for kind in PortalTextKind if kind not in SECTIONS)


def save_page_texts(
    group: CustomerGroup | None,
    lang: str,
    words: Mapping[PortalTextKind, tuple[str, str]],
    revisions: Mapping[PortalTextKind, int],
) -> bool:
    """Write all of them or none, each a subject (of an e-mail) and a body; an empty one is what the level above says.

    Returns whether anything changed. Raises FormRefused (`body-terms`), Conflict if somebody saved meanwhile.
    """
    texts = Texts(group)
    wanted: dict[PortalTextKind, tuple[str, str] | None] = {}
    problems: dict[str, str] = {}
    for kind, (subject, body) in words.items():
        own = texts.own(kind, lang)
        if (own.revision if own is not None else 0) != revisions.get(kind, 0):
            raise Conflict(_("Somebody else saved these texts meanwhile. Yours are not saved."))
        try:
            wanted[kind] = checked_text(kind, subject, body) if body.strip() else None
        except Invalid as problem:
            problems[f"{problem.field}-{kind}"] = problem.message
    if problems:
        raise FormRefused(problems)
    changed = [kind for kind, text in wanted.items() if write_text(group, kind, lang, text)]
    if changed:
        record_event(
            db.session(),
            entity="customer_group" if group is not None else "organization",
            entity_id=group.id if group is not None else None,
            action="portal_texts",
            before={
                f"{kind}.{lang}": own.body_html if (own := texts.own(kind, lang)) else None
                for kind in changed
            },
            after={f"{kind}.{lang}": (wanted[kind] or ("", ""))[1] or None for kind in changed},
        )
    return bool(changed)
