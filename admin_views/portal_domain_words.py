"""What a check of the portal's own domain found, and what is to be done now (S2-07)."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from admin_views.state_badges import Look, badge
from services.portal.custom_domain import DomainRecord, RecordState

LOOKS = {
    RecordState.UNCHECKED: (_l("Not checked yet"), Look("", "clock")),
    RecordState.FOUND: (_l("Found"), Look("ok", "circle-check")),
    RecordState.MISSING: (_l("Not there"), Look("bad", "circle-x")),
    RecordState.OTHER: (_l("Another value"), Look("warn", "alert-triangle")),
}


def record_lines(records: Sequence[DomainRecord]) -> list[tuple[Any, DomainRecord, str]]:
    """Each record with its state and a sentence."""
    return [(badge(*LOOKS[each.state]), each, _record_words(each)) for each in records]


def domain_words(records: Sequence[DomainRecord], *, is_served: bool) -> tuple[str, str]:
    """What it means for the portal, with its tone; `is_served`: it is there, be it only for some days more."""
    if not records:
        return "", ""
    proof, alias = records
    if proof.state is RecordState.UNCHECKED:
        return "", _("Make both records where your domain is managed, then press Check.")
    if proof.state is not RecordState.FOUND and is_served:
        return "warn", _(
            "The TXT record is gone. If it is not back within three days of when it was last seen, the portal and its"
            " e-mails go back to the usual address."
        )
    if proof.state is not RecordState.FOUND:
        return "warn", _(
            "The domain is not shown to be yours yet, so the portal and its e-mails stay at the address above. A new"
            " record may take up to a day to be seen everywhere; check again then."
        )
    if alias.state in (RecordState.FOUND, RecordState.UNCHECKED):
        return "ok", _("The domain is yours: the portal and its e-mails use it.")
    return "warn", _(
        "The domain is yours, but does not lead here by a CNAME. That is right only if a proxy of yours stands in between."
    )


def _record_words(record: DomainRecord) -> str:
    if record.state is RecordState.OTHER:
        return _("There stands: %(value)s", value=record.found)
    if record.state is RecordState.MISSING:
        return _("Nobody answers for this name.")
    return ""
