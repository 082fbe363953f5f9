"""The states of a mailing: which there are, and which may follow."""

from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l


class MailingState(StrEnum):
    """Where a mailing is."""

    DRAFT = "draft"
    REGISTERED = "registered"
    SCHEDULED = "scheduled"
    SENDING = "sending"
    STOPPING = "stopping"
    STOPPED = "stopped"
    FINISHED = "finished"
    FINISHED_WITH_ERRORS = "finished_with_errors"
    CANCELLED = "cancelled"

    @classmethod
    def labels(cls) -> dict["MailingState", Any]:
        return {
            cls.DRAFT: _l("Draft"),
            cls.REGISTERED: _l("Registered"),
            cls.SCHEDULED: _l("Scheduled"),
            cls.SENDING: _l("Sending"),
            cls.STOPPING: _l("Stopping"),
            cls.STOPPED: _l("Stopped"),
            cls.FINISHED: _l("Finished"),
            cls.FINISHED_WITH_ERRORS: _l("Finished with errors"),
            cls.CANCELLED: _l("Cancelled"),
        }


_S = MailingState
NEXT_STATES: dict[MailingState, set[MailingState]] = {
    _S.DRAFT: {_S.REGISTERED, _S.CANCELLED},
    _S.REGISTERED: {_S.SCHEDULED, _S.SENDING, _S.CANCELLED},
    _S.SCHEDULED: {_S.REGISTERED, _S.SENDING, _S.CANCELLED},
    _S.SENDING: {_S.STOPPING, _S.FINISHED, _S.FINISHED_WITH_ERRORS},
    _S.STOPPING: {_S.STOPPED, _S.SENDING, _S.FINISHED, _S.FINISHED_WITH_ERRORS},
    _S.STOPPED: {_S.SENDING, _S.CANCELLED},
    _S.FINISHED: {_S.SENDING},
    _S.FINISHED_WITH_ERRORS: {_S.SENDING, _S.FINISHED},
    _S.CANCELLED: set(),
}
ENDED = {_S.FINISHED, _S.FINISHED_WITH_ERRORS, _S.CANCELLED}
