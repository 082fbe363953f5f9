"""States as badges: a word with an icon and a tone. Colour alone never carries a meaning."""

from enum import StrEnum
from functools import cache, lru_cache
from typing import NamedTuple

from flask import url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from markupsafe import Markup

from extensions.built_files import asset
from models.mailings.delivery import DeliveryStatus
from models.mailings.mailing_state import MailingState
from models.people.contact import AddressState
from models.portal.access_request import RequestState
from models.portal.portal_user import MembershipState
from models.portal.review import ReviewState
from models.sales.document_state import DocumentKind, DocumentState, document_state_word
from models.states import state_word
from models.system.import_run import ImportState
from models.work.project import ProjectState, TaskState
from models.work.time_entry import TimeEntryState


class Look(NamedTuple):
    """Tone (`ok info live warn bad doubt` or none) and icon."""

    tone: str
    icon: str


LOOKS: dict[StrEnum, Look] = {
    DocumentState.DRAFT: Look("", "pencil"),
    DocumentState.POSTED: Look("info", "file-check"),
    DocumentState.PARTIALLY_PAID: Look("warn", "circle-half-2"),
    DocumentState.PAID: Look("ok", "circle-check"),
    DocumentState.ACCEPTED: Look("ok", "signature"),
    DocumentState.DECLINED: Look("", "x"),
    DocumentState.EXPIRED: Look("", "clock-off"),
    DocumentState.SHIPPING: Look("live", "truck"),
    DocumentState.DELIVERED: Look("ok", "package"),
    DocumentState.VOID: Look("", "ban"),
    DeliveryStatus.PREPARED: Look("", "mail-off"),
    DeliveryStatus.QUEUED: Look("", "clock-pause"),
    DeliveryStatus.SENDING: Look("live", "loader-2"),
    DeliveryStatus.SENT: Look("info", "send"),
    DeliveryStatus.FAILED: Look("bad", "shield-x"),
    DeliveryStatus.UNCONFIRMED: Look("doubt", "mail-question"),
    DeliveryStatus.SKIPPED: Look("", "bell-off"),
    DeliveryStatus.CANCELLED: Look("", "ban"),
    MailingState.DRAFT: Look("", "pencil"),
    MailingState.REGISTERED: Look("", "file-check"),
    MailingState.SCHEDULED: Look("info", "calendar-clock"),
    MailingState.SENDING: Look("live", "loader-2"),
    MailingState.STOPPING: Look("live", "player-stop"),
    MailingState.STOPPED: Look("warn", "player-pause"),
    MailingState.FINISHED: Look("ok", "circle-check"),
    MailingState.FINISHED_WITH_ERRORS: Look("warn", "circle-check"),
    MailingState.CANCELLED: Look("", "ban"),
    MembershipState.INVITED: Look("info", "mail-forward"),
    MembershipState.PENDING_VALIDATION: Look("warn", "hourglass"),
    MembershipState.VALIDATED: Look("ok", "circle-check"),
    MembershipState.REJECTED: Look("", "circle-x"),
    MembershipState.SUSPENDED: Look("warn", "lock"),
    RequestState.REQUESTED: Look("", "mail-question"),
    RequestState.EMAIL_VERIFIED: Look("", "pencil"),
    RequestState.PENDING_VALIDATION: Look("warn", "hourglass"),
    RequestState.VALIDATED: Look("ok", "circle-check"),
    RequestState.REJECTED: Look("", "circle-x"),
    AddressState.OK: Look("ok", "circle-check"),
    AddressState.UNVERIFIED: Look("", "hourglass"),
    AddressState.INVALID: Look("bad", "x"),
    AddressState.BOUNCED: Look("bad", "mail-x"),
    AddressState.COMPLAINED: Look("warn", "flag"),
    ProjectState.ACTIVE: Look("live", "player-play"),
    ProjectState.ON_HOLD: Look("warn", "player-pause"),
    ProjectState.DONE: Look("ok", "circle-check"),
    ProjectState.CANCELLED: Look("", "ban"),
    TaskState.TO_DO: Look("", "hourglass"),
    TaskState.DOING: Look("live", "circle-half-2"),
    TaskState.DONE: Look("ok", "circle-check"),
    TimeEntryState.UNBILLED: Look("", "clock"),
    TimeEntryState.APPROVED: Look("info", "thumb-up"),
    TimeEntryState.BILLED: Look("ok", "file-check"),
    TimeEntryState.REJECTED: Look("", "x"),
    ReviewState.VISIBLE: Look("ok", "eye"),
    ReviewState.HIDDEN: Look("", "eye-off"),
    ImportState.UPLOADED: Look("", "upload"),
    ImportState.CHECKING: Look("live", "loader-2"),
    ImportState.CHECKED: Look("info", "file-check"),
    ImportState.IMPORTING: Look("live", "loader-2"),
    ImportState.IMPORTED: Look("ok", "circle-check"),
    ImportState.FAILED: Look("bad", "alert-circle"),
}
UNKNOWN = Look("", "circle-half-2")


def icon(name: str, css: str = "") -> Markup:
    """An icon of the sprite; templates have it from `admin/_macros.html`."""
    if name == "loader-2":
        css = "spin"
    return _drawn(name, css, asset("icons.svg"))


@cache
def _drawn(name: str, css: str, sprite: str) -> Markup:
    return Markup('<svg class="i{}" aria-hidden="true"><use href="{}#{}"/></svg>').format(
        f" {css}" if css else "", url_for("static", filename=sprite), name
    )


def badge(word: str, look: Look) -> Markup:
    """A badge with this word."""
    tone = f" {look.tone}" if look.tone else ""
    return Markup('<span class="v-state{}">{}{}</span>').format(tone, icon(look.icon), word)


def state_badge(state: StrEnum, lang: str | None = None) -> Markup:
    """The badge of a state in the reader's language; made once, and `lang` saves asking who reads."""
    return _kept(state, type(state), lang or str(get_locale()))


@cache
def _kept(state: StrEnum, _kind: type[StrEnum], _language: str) -> Markup:
    return badge(str(state_word(state)), LOOKS.get(state, UNKNOWN))


def document_badge(kind: DocumentKind, state: DocumentState, lang: str | None = None) -> Markup:
    """The badge of a document's state, in the words that are said of its kind; kept as above."""
    return _kept_document(kind, state, lang or str(get_locale()))


@cache
def _kept_document(kind: DocumentKind, state: DocumentState, _language: str) -> Markup:
    return badge(str(document_state_word(kind, state)), LOOKS[state])


def overdue_badge(days: int, lang: str | None = None) -> Markup:
    """What is late, and since how many days; kept as above."""
    return _kept_overdue(days, lang or str(get_locale()))


@lru_cache(maxsize=4_000)
def _kept_overdue(days: int, _language: str) -> Markup:
    return badge(_("Overdue %(days)d d", days=days), Look("bad", "clock-exclamation"))
