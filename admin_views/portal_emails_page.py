"""The seven sections of a level's portal e-mails in words: state, summary, where each text comes from (S0-05)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from admin_views.portal_emails_form import Typed, fingerprint
from admin_views.state_badges import Look, badge
from errors import Invalid
from models.people.customer_group import CustomerGroup
from models.portal.portal_text import PortalTextKind
from services.portal.group_levels import GroupSettings, Level, LevelKind
from services.portal.group_mails import BOXES, sender_with
from services.portal.portal_texts import Texts
from services.portal.text_fields import MANDATORY, fields_of

COMPLETE, INCOMPLETE, DEFAULT = "complete", "incomplete", "default"
LOOKS = {
    COMPLETE: (_l("Complete"), Look("ok", "circle-check")),
    INCOMPLETE: (_l("Incomplete"), Look("warn", "alert-triangle")),
    DEFAULT: (_l("Uses the default"), Look("", "arrow-down-circle")),
}
K = PortalTextKind
TITLES = K.labels()
BOX_LABELS = {
    K.ACCESS_EMAIL: _l("Send e-mail to customers who have not started their access to the portal"),
    K.NEW_PRIMARY: _l("Send e-mail"),
    K.PREVIOUS_PRIMARY: _l("Send e-mail"),
}
SUBJECT_LABELS: Mapping[PortalTextKind, Any] = {
    K.ACCESS_EMAIL: _l("Subject of the access request e-mail"),
    K.VALIDATION_CONFIRMED: _l("Subject of the e-mail of a new final validation"),
    K.NEW_PRIMARY: _l("Subject of the e-mail"),
    K.PREVIOUS_PRIMARY: _l("Subject of the e-mail"),
    K.FORGOTTEN_USER_NAME: _l("Subject of the forgotten user name e-mail"),
    K.PASSWORD_RESET: _l("Subject of the password reset e-mail"),
}
BODY_LABELS: Mapping[PortalTextKind, Any] = {
    K.ACCESS_EMAIL: _l("Content of the access request e-mail"),
    K.VALIDATION_CONFIRMED: _l("Content of the e-mail of a new validation"),
    K.NEW_PRIMARY: _l("Content of the e-mail"),
    K.PREVIOUS_PRIMARY: _l("Content of the e-mail"),
    K.FORGOTTEN_USER_NAME: _l("Content of the forgotten user name e-mail"),
    K.PASSWORD_RESET: _l("Content of the password reset e-mail"),
}
LANGUAGE_NAMES = {"es": _l("Spanish"), "en": _l("English"), "pt": _l("Portuguese")}


@dataclass(frozen=True)
class Section:
    """One of the six sections with a text."""

    kind: str
    number: int
    title: Any
    summary: str
    status: str
    badge: Any
    fields: Mapping[str, Any]
    mandatory: str | None
    box: str | None
    box_label: Any
    subject_label: Any
    body_label: Any
    print: str
    from_level: str
    above: str
    revision: int
    revisions_url: str


def sections_of(
    group: CustomerGroup | None,
    typed: Typed,
    settings: GroupSettings,
    texts: Texts,
    problems: Mapping[str, str],
    languages: Sequence[str],
) -> list[Section]:
    """All sections with a text, as they stand in the form."""
    return [
        _section(group, number, kind, typed, settings, texts, problems, languages)
        for number, kind in enumerate(typed.texts, start=2)
    ]


def addresses_status(typed: Typed, settings: GroupSettings, problems: Mapping[str, str]) -> str:
    """Of the first section: both addresses are known, or one is still to be said."""
    if problems.keys() & {"access_requests_to", "sender"}:
        return INCOMPLETE
    own = bool(typed.access_requests_to), bool(typed.sender)
    if not any(own):
        return DEFAULT
    if typed.sender and not _sends(typed.sender):
        return INCOMPLETE
    over = [settings.said(name).value for name in ("access_requests_to", "sender_account_id")]
    is_known = [mine or bool(theirs) for mine, theirs in zip(own, over, strict=True)]
    return COMPLETE if all(is_known) else INCOMPLETE


def _sends(address: str) -> bool:
    """Whether the account that was chosen once can still send."""
    try:
        sender_with(address)
    except Invalid:
        return False
    return True


def status_badge(status: str) -> Any:
    label, look = LOOKS[status]
    return badge(label, look)


def counts_in_words(statuses: list[str]) -> str:
    """How many sections are in which state."""
    of = {status: statuses.count(status) for status in LOOKS}
    words = [
        ngettext("%(num)d complete", "%(num)d complete ones", of[COMPLETE]),
        ngettext("%(num)d by default", "%(num)d ones by default", of[DEFAULT]),
        ngettext("%(num)d incomplete", "%(num)d incomplete ones", of[INCOMPLETE]),
    ]
    return " · ".join(word for word, count in zip(words, of_order(of), strict=True) if count)


def of_order(of: Mapping[str, int]) -> list[int]:
    return [of[COMPLETE], of[DEFAULT], of[INCOMPLETE]]


def level_words(level: Level) -> str:
    """Who says it."""
    if level.kind is LevelKind.GROUP:
        return level.name
    if level.kind is LevelKind.ORGANIZATION:
        return _("the company")
    return _("Ventanilla")


def _section(
    group: CustomerGroup | None,
    number: int,
    kind: PortalTextKind,
    typed: Typed,
    settings: GroupSettings,
    texts: Texts,
    problems: Mapping[str, str],
    languages: Sequence[str],
) -> Section:
    text = typed.texts[kind]
    above = texts.said(kind, typed.lang, above=True)
    missing = _missing(kind, typed, texts, languages)
    is_wrong = bool(problems.keys() & {f"subject-{kind}", f"body-{kind}"})
    status = DEFAULT if not text.is_own and not missing else COMPLETE
    if is_wrong or missing:
        status = INCOMPLETE
    is_off = kind in (K.NEW_PRIMARY, K.PREVIOUS_PRIMARY) and not typed.boxes[BOXES[kind]]
    summary = text.subject
    if is_off:
        summary = _("Not sent: the box is off")
    elif missing:
        summary = missing
    elif not text.is_own:
        summary = _("The text of %(level)s is used", level=level_words(above.level))
    return Section(
        kind=kind.value,
        number=number,
        title=TITLES[kind],
        summary=summary,
        status=status,
        badge=status_badge(status),
        fields=fields_of(kind),
        mandatory=MANDATORY.get(kind),
        box=BOXES.get(kind),
        box_label=BOX_LABELS.get(kind),
        subject_label=SUBJECT_LABELS[kind],
        body_label=BODY_LABELS[kind],
        print="" if text.is_own else fingerprint(text.subject, text.body),
        from_level=level_words(settings.here if text.is_own else above.level),
        above=level_words(above.level),
        revision=text.revision,
        revisions_url=url_for(
            "portal_revisions.index",
            group_id=group.id if group is not None else None,
            kind=kind.value,
            lang=typed.lang,
        ),
    )


def _missing(kind: PortalTextKind, typed: Typed, texts: Texts, languages: Sequence[str]) -> str:
    """A text that this level says in some languages only: readers of the others get the default."""
    own = {lang for lang in languages if texts.own(kind, lang) is not None}
    own = own | {typed.lang} if typed.texts[kind].is_own else own - {typed.lang}
    lacking = [str(LANGUAGE_NAMES[lang]) for lang in languages if lang not in own]
    if not own or not lacking:
        return ""
    return _("Without a text: %(language)s", language=", ".join(lacking))
