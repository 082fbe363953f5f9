"""The page of header, signature and footer in words: whose a text is, and what is wrong in which line."""

from collections.abc import Mapping

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from admin_views.screens.import_pages import Badge
from mail.errors import MailError
from mail.letter import FOOTER, HEADER, SIGNATURE, Problem, problems_around
from mail.markup import Flaw
from mail.merge import check
from services.mailbox.letterheads import TEXTS, Level, LevelKind, Said
from services.mailings.fields import FIELDS
from services.mailings.message import words_about
from services.system.retelling import retold

LABELS = {HEADER: _l("Header"), SIGNATURE: _l("Signature"), FOOTER: _l("Footer")}


def badge_of(said: Said, level: Level) -> Badge:
    """Whether the text is the level's own, or whose it is."""
    if said.level is None:
        return Badge(tone="", icon="minus", word=_("No level says one"))
    if said.level == level:
        return Badge(tone="ok", icon="circle-check", word=_own_words(level))
    if said.level.kind is LevelKind.ORGANIZATION:
        return Badge(tone="", icon="arrow-down-circle", word=_("Uses that of the company"))
    return Badge(
        tone="", icon="arrow-down-circle", word=_("Uses that of %(name)s", name=said.level.name)
    )


def _own_words(level: Level) -> str:
    if level.kind is LevelKind.ORGANIZATION:
        return str(_("The company's own"))
    return str(_("Own of %(name)s", name=level.name))


def problem_lines(texts: Mapping[str, str]) -> dict[str, list[str]]:
    """What is wrong in each text, with its line; the mail is well-formed all the same, unless a field is none."""
    lines: dict[str, list[str]] = {name: [] for name in TEXTS}
    for name in TEXTS:
        try:
            lines[name] += [words_about(problem) for problem in check(texts[name], FIELDS)]
        except MailError as refused:
            lines[name].append(retold(refused.message))
    header, signature, footer = (texts[name] for name in TEXTS)
    for flaw in problems_around(header, signature, footer):
        lines[flaw.of].append(flaw_words(flaw))
    return lines


def flaw_words(problem: Problem) -> str:
    """One flaw as a sentence."""
    named = {"line": problem.found.line, "name": problem.found.name}
    match problem.found.flaw:
        case Flaw.NOT_CLOSED:
            sentence = _(
                "Line %(line)d: %(name)s is opened and never closed. We close it.", **named
            )
        case Flaw.NOT_OPENED:
            sentence = _(
                "Line %(line)d: %(name)s closes what was never opened. We leave it out.", **named
            )
        case Flaw.UNFINISHED:
            sentence = _("Line %(line)d: %(name)s begins and does not end.", **named)
        case _:
            sentence = _(
                "Line %(line)d: %(name)s does not belong in a mail and is taken out.", **named
            )
    return str(sentence)


def removed_words(removed: list[Problem]) -> str:
    """What was taken out on saving."""
    parts = [
        _(
            "%(name)s in line %(line)d (%(text)s)",
            name=each.found.name,
            line=each.found.line,
            text=LABELS[each.of],
        )
        for each in removed[:5]
    ]
    return str(
        _("Taken out, since mail programs refuse or distrust it: %(what)s", what=", ".join(parts))
    )


def document_words(texts: Mapping[str, str], has_problems: bool) -> tuple[str, str]:
    """Tone and sentence about the document that the three texts make together."""
    if has_problems:
        return "warn", str(
            _(
                "The assembled message is one well-formed document all the same; look at what is named above."
            )
        )
    opens = "<body" in texts[HEADER].lower()
    if opens and "</body" in texts[FOOTER].lower():
        return "ok", str(
            _(
                "The header opens html and body, and the footer closes them. The message is one valid document."
            )
        )
    return "ok", str(
        _("We add what opens and closes the document. The message is one valid document.")
    )
