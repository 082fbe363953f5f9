"""The states of a list as tabs above it, with a number where somebody is to look at what is in them."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import request, url_for
from flask_babel import gettext as _

from models.sales.document_state import DocumentKind, DocumentState, document_state_word
from portal.document_words import FILTERS
from services.portal.document_list import STATES, WORTH_COUNTING, Wanted

TONES = {"overdue": "bad"}


@dataclass(frozen=True)
class StateTab:
    """One of them; `count` is empty for nothing, and for what is not counted."""

    label: str
    url: str
    is_here: bool
    count: str
    tone: str


def state_tabs(kind: DocumentKind, counts: Mapping[str, int], asked: Wanted) -> list[StateTab]:
    """All of them, then each state; year and number stay as they are asked for. None for kinds without states."""
    states = STATES[kind]
    if not states:
        return []
    here = asked.state if asked.state in states else ""
    shown = FILTERS | {"void": document_state_word(kind, DocumentState.VOID)}
    words = {"": _("All of them"), **{state: str(shown[state]) for state in states}}
    return [
        StateTab(
            label,
            url_for(
                request.endpoint or "",
                state=state or None,
                year=asked.year,
                number=asked.number or None,
            ),
            state == here,
            _shown(counts.get(state, 0)),
            TONES.get(state, ""),
        )
        for state, label in words.items()
    ]


def _shown(count: int) -> str:
    if not count:
        return ""
    return str(count) if count <= WORTH_COUNTING else f"{WORTH_COUNTING}+"
