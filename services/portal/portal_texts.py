"""The portal's texts in an organization's own words: which level says one, every revision of it, how it is changed (X0-09, X0-10)."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import select

from errors import Conflict, Invalid, NotFound
from mail.errors import MailError
from mail.markup import without_active
from mail.merge import UnknownField, check, fields_in, one_line
from models.base import db
from models.people.customer_group import CustomerGroup
from models.portal.portal_text import PortalText, PortalTextKind
from services.mailings.plain_text import as_html
from services.mailings.unmade import unmade_words
from services.portal.built_in_texts import built_in
from services.portal.group_levels import PRODUCT, Level, level_of, way_up
from services.portal.languages import company_language, said_in
from services.portal.text_fields import MANDATORY, fields_of

LONGEST_SUBJECT = 200
LONGEST_BODY_BYTES = 100_000


@dataclass(frozen=True, slots=True)
class SaidText:
    """A text, and which level it comes from; `revision` 0 is what is built in."""

    subject: str
    body_html: str
    level: Level
    lang: str
    revision: int = 0


class Texts:
    """The current texts of an organization, as they hold for one group; read once."""

    def __init__(self, group: CustomerGroup | None) -> None:
        self.here = level_of(group)
        self._levels = way_up(group)
        rows: Sequence[PortalText] = db.session.scalars(
            select(PortalText).where(PortalText.is_current)
        ).all()
        self._rows = {(row.customer_group_id, row.kind, row.lang): row for row in rows}

    def own(self, kind: PortalTextKind, lang: str) -> PortalText | None:
        """What this very level says."""
        return self._rows.get((self.here.id, kind, lang))

    def said(self, kind: PortalTextKind, lang: str, *, above: bool = False) -> SaidText:
        """What holds in this language; with `above`, as it were if this level said nothing."""
        for level in self._levels[1:] if above else self._levels:
            row = self._rows.get((level.id, kind, lang))
            if row is not None:
                return SaidText(row.subject, row.body_html, level, lang, row.revision)
        return SaidText(*built_in(kind, lang), PRODUCT, lang)

    def language_of(self, kind: PortalTextKind, lang: str) -> str | None:
        """In which language something is said: this one, else the company's own or any; None if nobody has said anything."""
        others = {other for _level, of, other in self._rows if of is kind}
        said = {one: one for one in (lang, *others) if self.said(kind, one).body_html}
        return said_in(said, lang, own=company_language())


def checked_text(kind: PortalTextKind, subject: str, body: str) -> tuple[str, str]:
    """The text as it is kept: the subject on one line, the body without what runs.

    Raises Invalid, whose `field` is `subject` or `body`.
    """
    if "\n" in subject.strip() or "\r" in subject.strip():
        raise Invalid(_("A subject is one line."), field="subject")
    subject = one_line(subject)
    if kind.is_email and not subject:
        raise Invalid(_("Write a subject."), field="subject")
    if len(subject) > LONGEST_SUBJECT:
        raise Invalid(
            _("The subject may have at most %(most)d characters.", most=LONGEST_SUBJECT),
            field="subject",
        )
    if len(body.encode()) > LONGEST_BODY_BYTES:
        raise Invalid(
            _(
                "This text has %(size)d KB; it may have at most %(most)d KB. Link to large pictures instead of"
                " pasting them.",
                size=-(-len(body.encode()) // 1000),
                most=LONGEST_BODY_BYTES // 1000,
            ),
            field="body",
        )
    body = without_active(as_html(body))
    if not body.strip():
        raise Invalid(_("Write what it says."), field="body")
    for field, text in (("subject", subject), ("body", body)):
        _check_fields(kind, field, text)
    wanted = MANDATORY.get(kind)
    if wanted is not None and wanted not in fields_in(body):
        raise Invalid(
            _("“%(field)s” is missing in the content.", field=f"{{{{ {wanted} }}}}"), field="body"
        )
    return subject, body


def write_text(
    group: CustomerGroup | None, kind: PortalTextKind, lang: str, words: tuple[str, str] | None
) -> bool:
    """Make these words (checked) the current ones of a level, as a new revision; None: the level above speaks again.

    Returns whether anything changed.
    """
    group_id = group.id if group is not None else None
    rows = revisions_of(group, kind, lang)
    current = next((row for row in rows if row.is_current), None)
    if (None if current is None else (current.subject, current.body_html)) == words:
        return False
    if current is not None:
        current.is_current = False
        db.session.flush()  # there is never more than one
    if words is not None:
        db.session.add(
            PortalText(
                customer_group_id=group_id,
                kind=kind,
                lang=lang,
                subject=words[0],
                body_html=words[1],
                revision=max((row.revision for row in rows), default=0) + 1,
            )
        )
    db.session.flush()
    return True


def revisions_of(
    group: CustomerGroup | None, kind: PortalTextKind, lang: str
) -> Sequence[PortalText]:
    """All revisions of a text at this level, the newest first."""
    here = PortalText.customer_group_id
    query = (
        select(PortalText)
        .where(here == group.id if group is not None else here.is_(None))
        .where(PortalText.kind == kind, PortalText.lang == lang)
        .order_by(PortalText.revision.desc())
    )
    found: Sequence[PortalText] = db.session.scalars(query).all()
    return found


def restore(group: CustomerGroup | None, kind: PortalTextKind, lang: str, revision: int) -> None:
    """Make an earlier revision current again, as a new one. Raises NotFound, Conflict if it is current already."""
    rows = revisions_of(group, kind, lang)
    wanted = next((row for row in rows if row.revision == revision), None)
    if wanted is None:
        raise NotFound(_("There is no such version."))
    if wanted.is_current:
        raise Conflict(_("This version is the current one."))
    write_text(group, kind, lang, checked_text(kind, wanted.subject, wanted.body_html))


def _check_fields(kind: PortalTextKind, field: str, text: str) -> None:
    if not kind.is_email:
        return
    allowed = fields_of(kind)
    try:
        problems = check(text, allowed)
    except MailError as problem:
        raise Invalid(unmade_words(problem), field=field) from problem
    if problems:
        names = ", ".join(f"{{{{ {name} }}}}" for name in allowed)
        words = _unknown(problems[0]), _("Allowed are: %(names)s.", names=names)
        raise Invalid(" ".join(words), field=field)


def _unknown(problem: UnknownField) -> str:
    if problem.suggestion and not problem.is_malformed:
        words = _(
            "There is no field “%(name)s” (line %(line)d). Did you mean “%(suggestion)s”?",
            name=problem.name,
            line=problem.line,
            suggestion=problem.suggestion,
        )
    else:
        words = _("“%(name)s” (line %(line)d) is no field.", name=problem.name, line=problem.line)
    return str(words)
