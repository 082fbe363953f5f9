"""What somebody types into the search of the mail area, understood: words, and fields in Spanish or English (S3-22)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from datetime import time as clock

FIELDS: Mapping[str, str] = {
    "de": "sender",
    "from": "sender",
    "para": "recipient",
    "to": "recipient",
    "asunto": "subject",
    "subject": "subject",
    "adjunto": "file",
    "attachment": "file",
    "cuenta": "account",
    "account": "account",
    "fecha": "day",
    "date": "day",
}
ANY_FILE = ("si", "sí", "yes", "*")
LONGEST = 500  # characters
MOST_TERMS = 12
NAMES = "|".join(FIELDS)
# People write a blank behind a colon, and telephones do it for them; the next field is not the value of this one.
TERM = re.compile(
    rf"""\b(?P<name>{NAMES}):(?:[ ](?!(?:{NAMES}):))?(?:"(?P<quoted>[^"]*)"|(?P<plain>[^\s"]+))""",
    re.IGNORECASE,
)
DAY = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")
BY_HAND = re.compile(r"(?:(?:(\d{1,2})[/.-])?(\d{1,2})[/.-])(\d{4})")  # 24/11/2026, 11/2026
TODAY, YESTERDAY = ("hoy", "today"), ("ayer", "yesterday")


@dataclass(frozen=True)
class Term:
    """A field with its value, and how it was written."""

    field: str
    value: str
    written: str


@dataclass(frozen=True)
class Question:
    """Words for the index, terms for the fields, and the days between which the message was sent."""

    text: str
    words: str
    terms: tuple[Term, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    unread_days: tuple[str, ...] = field(default=())  # dates that could not be understood

    def values(self, name: str) -> tuple[str, ...]:
        return tuple(term.value for term in self.terms if term.field == name)

    def without(self, term: Term) -> str:
        """The same question without this term."""
        return " ".join(self.text.replace(term.written, " ", 1).split())

    @property
    def is_empty(self) -> bool:
        return not self.words and not self.terms


def question_of(text: str, *, today: date, zone: tzinfo = UTC) -> Question:
    """Read what was typed; days are those of `zone`."""
    text = text[:LONGEST].replace("\0", "")
    terms = tuple(
        Term(
            FIELDS[found["name"].lower()],
            (found["quoted"] if found["quoted"] is not None else found["plain"]).strip(),
            found[0],
        )
        for found in TERM.finditer(text)
    )[:MOST_TERMS]
    words = " ".join(TERM.sub(" ", text).split())
    question = Question(text, words, tuple(term for term in terms if term.value))
    return _with_days(question, today, zone)


def _with_days(question: Question, today: date, zone: tzinfo) -> Question:
    since: list[date] = []
    until: list[date] = []
    unread = []
    for value in question.values("day"):
        span = _span(value.lower(), today)
        if span is None:
            unread.append(value)
            continue
        since += [span[0]] if span[0] else []
        until += [span[1]] if span[1] else []
    return replace(
        question,
        since=datetime.combine(max(since), clock.min, zone) if since else None,
        until=datetime.combine(min(until), clock.min, zone) if until else None,
        unread_days=tuple(unread),
    )


def _span(value: str, today: date) -> tuple[date | None, date | None] | None:
    """From the first day on, and before the second: of `2026`, `2026-07`, `2026-07-03`, `2026-01..2026-03`, `>2026-03`."""
    if value in TODAY:
        return today, today + timedelta(days=1)
    if value in YESTERDAY:
        return today - timedelta(days=1), today
    if ".." in value:
        first, _dots, last = value.partition("..")
        begin, end = _days_of(first), _days_of(last)
        if (first and begin is None) or (last and end is None) or not (begin or end):
            return None
        return (begin[0] if begin else None), (end[1] if end else None)
    if value.startswith(("<", ">")):
        days = _days_of(value[1:])
        if days is None:
            return None
        return (days[0], None) if value[0] == ">" else (None, days[0])
    return _days_of(value)


def _days_of(value: str) -> tuple[date, date] | None:
    """The first day, and the one after the last, of a year, a month or a day; with slashes the day comes first."""
    by_hand = BY_HAND.fullmatch(value)
    found = by_hand or DAY.fullmatch(value)
    if found is None:
        return None
    parts = found.groups()[::-1] if by_hand else found.groups()
    year, month, day = (int(part) if part else None for part in parts)
    try:
        if day is not None and month is not None:
            first = date(year or 0, month, day)
            return first, first + timedelta(days=1)
        if month is not None:
            first = date(year or 0, month, 1)
            return first, (first + timedelta(days=32)).replace(day=1)
        return date(year or 0, 1, 1), date((year or 0) + 1, 1, 1)
    except (ValueError, OverflowError):
        return None
