"""What is said of a run of bulk changes, by what was done: its title, its result, what was refused."""

from flask_babel import gettext as _
from flask_babel import ngettext

from admin_views.bulk_rules import screen_named
from admin_views.reader_formats import language, number
from models.system.bulk_run import BulkDeed, BulkRun
from services.system.told_anew import told_anew


def title_of(run: BulkRun) -> str:
    """What was done, with its number."""
    if run.undoes_id is not None:
        return _("Undo no. %(number)d", number=run.id)
    if run.deed is BulkDeed.STATEMENT:
        return _("Statements of account, no. %(number)d", number=run.id)
    if run.deed is BulkDeed.VERB:
        return _("%(verb)s, no. %(number)d", verb=_verb_word(run), number=run.id)
    return _("Change no. %(number)d", number=run.id)


def refused_title(run: BulkRun) -> str:
    """How many were refused."""
    count, told = run.rows_refused, number(run.rows_refused)
    if run.deed is BulkDeed.STATEMENT:
        words = ngettext(
            "%(count)s customer got no statement",
            "%(count)s customers got no statement",
            count,
            count=told,
        )
    else:
        words = ngettext(
            "%(count)s record was not changed",
            "%(count)s records were not changed",
            count,
            count=told,
        )
    return str(words)


def reason_words(run: BulkRun, reason: str | None) -> str:
    """Why a record was refused, as it was told to whoever began the run: in the reader's language."""
    return told_anew(reason or "", told_in=run.lang, lang=language())


def problem_of(run: BulkRun) -> str:
    """Why the run ended early, likewise; empty if it did not."""
    return reason_words(run, run.problem)


def _verb_word(run: BulkRun) -> str:
    screen = screen_named(run.screen)
    verbs = {verb.name: str(verb.label) for verb in screen.verbs} if screen is not None else {}
    return {**verbs, "delete": _("Delete")}.get(run.verb or "", run.verb or "")


def summary_of(run: BulkRun) -> str:
    """A line of the list of runs."""
    if run.deed is BulkDeed.STATEMENT:
        return _(
            "%(changed)s of %(total)s issued, %(refused)s not",
            changed=number(run.rows_changed),
            total=number(run.rows_total),
            refused=number(run.rows_refused),
        )
    return _(
        "%(changed)s of %(total)s changed, %(refused)s not",
        changed=number(run.rows_changed),
        total=number(run.rows_total),
        refused=number(run.rows_refused),
    )


def plural_of(run: BulkRun) -> str:
    """What the records are."""
    screen = screen_named(run.screen)
    return str(screen.info.plural) if screen is not None else run.screen
