"""In which language, and by which clock, somebody reads."""

from collections.abc import Sequence
from typing import Any

from flask import g, has_request_context, request, session
from flask_babel import Babel, Domain
from flask_login import current_user
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup

LANGUAGES = ("es", "en")  # of staff; customers' pages offer their own (`portal/languages.py`)
LANGUAGE_NAMES = {"es": "Español", "en": "English", "pt": "Português"}  # each in its own words


class OneLookup(Domain):  # type: ignore[misc]  # Flask-Babel has no types
    """Looks for the reader's translations once, not for each of the hundred sentences of a page.

    Flask-Babel empties this place whenever the language changes.
    """

    def get_translations(self) -> Any:
        try:
            found = g._flask_babel.babel_translations
        except (AttributeError, RuntimeError):  # nobody has looked yet, or there is no page
            found = None
        if found is None:
            found = super().get_translations()
            if g:
                g._flask_babel.babel_translations = found
        return found


babel = Babel()


def reader_language() -> str:
    """The language of the person who reads: their own (staff's or a portal user's), this browser's choice, what the browser asks for, the first."""
    if not has_request_context():
        return getattr(g, "language", "es") if g else "es"
    chosen = g.get("reader_lang") or getattr(current_user, "lang", None) or session.get("lang")
    offered = _offered()
    if chosen in offered:
        return str(chosen)
    return request.accept_languages.best_match(offered) or offered[0]


def other_languages(here: str) -> list[tuple[str, str]]:
    """In which else this page can be read, with what each calls itself."""
    return [(each, LANGUAGE_NAMES[each]) for each in _offered() if each != here]


def _offered() -> Sequence[str]:
    found: Sequence[str] = g.get("languages") or LANGUAGES
    return found


def reader_time_zone() -> str | None:
    """The clock on the wall of the organization where the reader works, or whose portal it is; UTC for everybody else."""
    if has_request_context() and "portal" in g:
        return str(g.portal.organization.timezone)
    organization = getattr(current_user, "organization", None) if has_request_context() else None
    return organization.timezone if organization is not None else None


@pass_eval_context
def words_of(template: EvalContext, text: str, /, **values: Any) -> str:
    """What `_` and `{% trans %}` say in templates: as Jinja's own, in one call instead of three."""
    found: str = babel.domain_instance.get_translations().gettext(text)
    if template.autoescape:
        found = Markup(found)  # nosec B704  # a sentence of ours; its values are escaped below
    return found % values if "%" in found else found
