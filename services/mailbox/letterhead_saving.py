"""Saving what a level says of header, signature and footer, apart from the accounts (S4-18, S4-19)."""

from flask_babel import gettext as _

from errors import Conflict, Invalid
from mail.errors import MailError
from mail.letter import Problem, problems_around
from mail.markup import Flaw, without_active
from models.base import db
from models.mailbox.letterhead import Letterhead
from models.mailbox.mail_account import MailAccount
from services.mailbox.letterheads import (
    TEXTS,
    Around,
    Letterheads,
    Level,
    LevelKind,
    Words,
)
from services.mailings.message import check_around, check_fields

LONGEST_BYTES = 100_000


def save_letterhead(level: Level, words: Words, *, version: int) -> list[Problem]:
    """Write what the level says; answers what was taken out of it, such as a script.

    `version` is that of the record that the words were made from, 0 if there was none. Raises Conflict if somebody
    has saved it since, Invalid with the text's name for what cannot stand there.
    """
    letterheads = Letterheads()
    said = letterheads.own(level)
    if (said.version if said else 0) != version:
        raise Conflict(_("Somebody else saved these texts meanwhile. Yours are not saved."))
    cleaned, removed = _checked(words)
    if said is None:
        if cleaned == Words():
            return removed
        said = Letterhead(
            department_id=level.id if level.kind is LevelKind.DEPARTMENT else None,
            user_id=level.id if level.kind is LevelKind.USER else None,
        )
        db.session.add(said)
    if Words.of(said) == cleaned:
        return removed
    said.header_html, said.signature_html = cleaned.header_html, cleaned.signature_html
    said.footer_html, said.footer_in_replies = cleaned.footer_html, cleaned.footer_in_replies
    db.session.flush()
    check_together(Letterheads(letterheads.tree).at(level))
    return removed


def check_account_words(account: MailAccount) -> None:
    """The same rules for what an account says itself; raises Invalid."""
    cleaned, _removed = _checked(
        Words(account.header_html, account.signature_html, account.footer_html)
    )
    account.header_html, account.signature_html = cleaned.header_html, cleaned.signature_html
    account.footer_html = cleaned.footer_html


def check_together(stands: Around) -> None:
    """Raise Invalid for texts that are right one by one and too much together."""
    try:
        check_around(stands)
    except MailError as problem:
        raise Invalid(
            _("Header, signature and footer are too long together, or nested too deeply."),
            field=TEXTS[0],
        ) from problem


def _checked(words: Words) -> tuple[Words, list[Problem]]:
    """The words without what runs, and what that was. Raises Invalid."""
    texts = {name: getattr(words, name) for name in TEXTS}
    for name, text in texts.items():
        if text is not None and len(text.encode()) > LONGEST_BYTES:
            raise Invalid(
                _(
                    "This text has %(size)d KB; it may have at most %(most)d KB. Link to large pictures instead of"
                    " pasting them.",
                    size=-(-len(text.encode()) // 1000),
                    most=LONGEST_BYTES // 1000,
                ),
                field=name,
            )
    check_fields(**{name: text for name, text in texts.items() if text is not None})
    found = problems_around(*(text or "" for text in texts.values()))
    removed = [problem for problem in found if problem.found.flaw is Flaw.REMOVED]
    cleaned = {name: None if text is None else without_active(text) for name, text in texts.items()}
    return Words(**cleaned, footer_in_replies=words.footer_in_replies), removed
