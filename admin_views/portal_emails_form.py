"""What the page of a level's portal e-mails sends, and what it shows at first."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace

from flask import request

from models.portal.portal_text import SECTIONS, PortalTextKind
from services.portal.group_levels import GroupSettings
from services.portal.group_mails import BOXES, GroupMails
from services.portal.portal_texts import SaidText, Texts

DAYS = "reminder_days"


@dataclass(frozen=True)
class TypedText:
    """A text as it stands in the form; `is_own`: this level says it. `revision` is the one it was made from."""

    subject: str
    body: str
    is_own: bool
    revision: int


@dataclass(frozen=True)
class Typed:
    """All sections as they stand in the form; `own` are the boxes, and the days, that this level says."""

    lang: str
    access_requests_to: str
    sender: str
    days: str
    boxes: Mapping[str, bool]
    own: frozenset[str]
    texts: Mapping[PortalTextKind, TypedText]
    version: int

    def wanted(self) -> GroupMails:
        """What is to be saved."""
        return GroupMails(
            lang=self.lang,
            access_requests_to=self.access_requests_to or None,
            sender=self.sender or None,
            reminder_days=self.days if DAYS in self.own else None,
            boxes={name: self.boxes[name] if name in self.own else None for name in self.boxes},
            texts={
                kind: (text.subject, text.body) if text.is_own else None
                for kind, text in self.texts.items()
            },
            version=self.version,
            revisions={kind: text.revision for kind, text in self.texts.items()},
        )

    def inheriting(self, kind: PortalTextKind, texts: Texts, settings: GroupSettings) -> "Typed":
        """The same, but for a section that says again what the level above says."""
        over = texts.said(kind, self.lang, above=True)
        text = TypedText(over.subject, over.body_html, False, self.texts[kind].revision)
        boxes, own, days = dict(self.boxes), self.own, self.days
        if kind in BOXES:
            boxes[BOXES[kind]] = bool(settings.said(BOXES[kind], above=True).value)
            own -= {BOXES[kind]}
        if kind is PortalTextKind.ACCESS_EMAIL:
            days, own = shown_days(settings.said(DAYS, above=True).value), own - {DAYS}
        return replace(self, texts={**self.texts, kind: text}, boxes=boxes, own=own, days=days)


def shown(settings: GroupSettings, texts: Texts, lang: str) -> Typed:
    """What stands in the form at first."""
    row = settings.own
    here = settings.here
    own = {name for name in (*BOXES.values(), DAYS) if settings.said(name).level == here}
    sender = settings.said("sender_account_id")
    account = row.sender_account if row is not None and sender.level == here else None
    return Typed(
        lang=lang,
        access_requests_to=(row.access_requests_to if row is not None else None) or "",
        sender=account.address if account is not None else "",
        days=shown_days(settings.said(DAYS).value),
        boxes={name: bool(settings.said(name).value) for name in BOXES.values()},
        own=frozenset(own),
        texts={kind: _shown_text(texts.said(kind, lang), texts, kind, lang) for kind in SECTIONS},
        version=row.version if row is not None else 0,
    )


def typed(lang: str) -> Typed:
    """What was sent. What is inherited stays so until somebody changes it; an emptied text is none."""
    form = request.form
    boxes = {name: form.get(name) == "1" for name in BOXES.values()}
    days = form.get(DAYS, "").strip()
    own = {
        name
        for name, value in boxes.items()
        if form.get(f"own-{name}") == "1" or form.get(f"was-{name}", "0") != str(int(value))
    }
    if form.get(f"own-{DAYS}") == "1" or form.get(f"was-{DAYS}", "") != days:
        own.add(DAYS)
    return Typed(
        lang=lang,
        access_requests_to=form.get("access_requests_to", "").strip(),
        sender=form.get("sender", "").strip(),
        days=days,
        boxes=boxes,
        own=frozenset(own),
        texts={kind: _typed_text(kind) for kind in SECTIONS},
        version=_number("version"),
    )


def fingerprint(subject: str, body: str) -> str:
    """By which a text that nobody has changed is known again."""
    return hashlib.sha256(f"{subject}\0{body}".encode()).hexdigest()[:16]


def shown_days(days: list[int]) -> str:
    return ", ".join(str(day) for day in days)


def _shown_text(said: SaidText, texts: Texts, kind: PortalTextKind, lang: str) -> TypedText:
    own = texts.own(kind, lang)
    return TypedText(said.subject, said.body_html, own is not None, own.revision if own else 0)


def _typed_text(kind: PortalTextKind) -> TypedText:
    subject = request.form.get(f"subject-{kind}", "").strip()
    body = request.form.get(f"body-{kind}", "").replace("\r\n", "\n")
    is_own = request.form.get(f"own-{kind}") == "1" or (
        fingerprint(subject, body) != request.form.get(f"from-{kind}")
    )
    return TypedText(
        subject, body, is_own and bool(subject or body.strip()), _number(f"revision-{kind}")
    )


def _number(name: str) -> int:
    value = request.form.get(name, "")
    return int(value) if value.isdecimal() and len(value) < 10 else 0
