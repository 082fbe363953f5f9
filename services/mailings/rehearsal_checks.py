"""What is looked at in a message that has arrived in the viewer: the first thing that is wrong is said (N-06)."""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field

from sqlalchemy import select

from mail.arrival import Arrival
from mail.sink import Handed
from models.base import db
from models.mailings.delivery import Delivery, DeliveryDocument
from models.mailings.mailing import AttachMode
from models.mailings.reason import ReasonCode
from models.mailings.rehearsal import RehearsalProblem
from models.portal.share_link import ShareLink
from services.mailings.feed import Due
from services.portal.share_links import hash_of

UNFILLED = re.compile(r"\{\{[^{}]{0,80}\}?\}?")
DOCUMENT_LINK = re.compile(r"^(?P<base>.*)/l/(?P<token>[\w-]{20,100})$")
LONGEST_DETAIL = 300
OBJECTIONS = {
    ReasonCode.DOCUMENT_EXCLUDED: RehearsalProblem.FOREIGN_DOCUMENT,
    ReasonCode.DOCUMENT_VOID: RehearsalProblem.VOID_DOCUMENT,
    ReasonCode.ON_HOLD: RehearsalProblem.ON_HOLD,
}

Finding = tuple[RehearsalProblem, str]


@dataclass(frozen=True)
class Planned:
    """What the ledger says about a message besides its bytes: its documents, and the links that were made for it."""

    attached: Set[str] = field(default_factory=frozenset)  # hashes of PDFs that have to be attached
    links: Set[str] = field(default_factory=frozenset)  # hashes of the tokens


def planned_for(delivery_ids: Sequence[int]) -> Mapping[int, Planned]:
    """Of several messages, by two queries."""
    attached: dict[int, set[str]] = {key: set() for key in delivery_ids}
    links: dict[int, set[str]] = {key: set() for key in delivery_ids}
    documents = (
        select(DeliveryDocument.delivery_id, DeliveryDocument.file_sha256)
        .join(Delivery, Delivery.id == DeliveryDocument.delivery_id)
        .where(Delivery.id.in_(delivery_ids), Delivery.attach_mode != AttachMode.LINK)
    )
    for key, sha256 in db.session.execute(documents):
        attached[key].add(sha256)
    made = select(ShareLink.delivery_id, ShareLink.token_hash).where(
        ShareLink.delivery_id.in_(delivery_ids)
    )
    for key, token_hash in db.session.execute(made):
        links[key].add(token_hash)
    return {key: Planned(attached[key], links[key]) for key in delivery_ids}


def first_problem(
    due: Due,
    handed: Handed,
    arrival: Arrival,
    *,
    planned: Planned,
    parts: Sequence[bytes],
    largest: int,
    bases: Set[str],
) -> Finding | None:
    """The worst comes first: what would not go at all, or to somebody else."""
    if due.objection is not None:
        return OBJECTIONS[ReasonCode(due.objection)], ""
    if due.is_suppressed or due.held:
        return RehearsalProblem.SUPPRESSED, ", ".join(due.held) or due.recipient
    if handed.recipients != due.addresses or handed.sender != due.envelope_from:
        return RehearsalProblem.RECIPIENTS, ", ".join(handed.recipients)
    if [hashlib.sha256(part).hexdigest() for part in parts] != due.parts:
        return RehearsalProblem.FILES, ", ".join(file.filename for file in arrival.files)
    if not planned.attached <= {file.sha256 for file in arrival.files}:
        return RehearsalProblem.FILES, ", ".join(file.filename for file in arrival.files)
    if len(handed.raw) > largest:
        return RehearsalProblem.OVER_SIZE, str(len(handed.raw))
    if arrival.defects:
        return RehearsalProblem.DEFECT, ", ".join(sorted(set(arrival.defects)))
    for text in (arrival.read.subject, arrival.read.text, arrival.read.html):
        if unfilled := UNFILLED.search(text):
            return RehearsalProblem.EMPTY_FIELD, unfilled[0]
    wrong = next(_wrong_links(arrival.links, planned.links, bases), None)
    return (RehearsalProblem.WRONG_LINK, wrong) if wrong is not None else None


def _wrong_links(links: Set[str], made: Set[str], bases: Set[str]) -> Iterator[str]:
    """Links to documents that lead elsewhere or open nothing of this message; and those that were left out."""
    found = set()
    for link in sorted(links):
        match = DOCUMENT_LINK.match(link)
        if match is None:
            continue
        token = hash_of(match["token"])
        found.add(token)
        if match["base"] not in bases or token not in made:
            yield f"{match['base']}/l/…"
    if not made <= found:
        yield ""
