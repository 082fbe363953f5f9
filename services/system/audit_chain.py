"""The hash chain over the audit: each sealed event carries the hash of everything before it (L-12).

Sealing runs after the fact and alone (an advisory lock), so that writers need not wait for one another. An event
that commits late simply gets a later position; changing, removing or exchanging a sealed event breaks the chain.
"""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, text

from models.base import db
from models.system.audit_event import AuditEvent, AuditSeal
from models.tenancy import across_organizations

SEALING_LOCK = 700_003
BATCH = 5_000
HASHED = [
    "id",
    "organization_id",
    "at",
    "actor_kind",
    "actor_id",
    "actor_name",
    "source",
    "entity",
    "entity_id",
    "action",
    "before",
    "after",
    "reason",
    "request_id",
]


@dataclass(frozen=True)
class ChainReport:
    """How many events were checked, and the key of the first that does not fit."""

    checked: int
    broken_at: int | None = None

    @property
    def ok(self) -> bool:
        return self.broken_at is None


def seal_new_events() -> int:
    """Append unsealed events to the chains of their organizations; returns how many."""
    if not db.session.scalar(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": SEALING_LOCK}):
        return 0
    with across_organizations():
        waiting = (
            select(AuditEvent)
            .outerjoin(AuditSeal, AuditSeal.audit_event_id == AuditEvent.id)
            .where(AuditSeal.audit_event_id.is_(None))
            .order_by(AuditEvent.id)
            .limit(BATCH)
        )
        events = db.session.scalars(waiting).all()
        ends: dict[int, tuple[int, str]] = {}
        for audit_event in events:
            chain = audit_event.organization_id or 0
            position, before = ends.get(chain) or _end_of(chain)
            seal = AuditSeal(
                audit_event_id=audit_event.id,
                chain=chain,
                position=position + 1,
                hash=_hash(before, audit_event),
            )
            db.session.add(seal)
            ends[chain] = (seal.position, seal.hash)
        db.session.flush()
    return len(events)


def check_chain(organization_id: int | None) -> ChainReport:
    """Compute the chain of one organization (None: of the installation) again and compare."""
    previous, checked = "", 0
    with across_organizations():
        rows = db.session.execute(
            select(AuditSeal, AuditEvent)
            .outerjoin(AuditEvent, AuditEvent.id == AuditSeal.audit_event_id)
            .where(AuditSeal.chain == (organization_id or 0))
            .order_by(AuditSeal.position)
            .execution_options(yield_per=1000)
        )
        for seal, audit_event in rows:
            checked += 1
            intact = audit_event is not None and seal.position == checked
            if not intact or _hash(previous, audit_event) != seal.hash:
                return ChainReport(checked, broken_at=seal.audit_event_id)
            previous = seal.hash
    return ChainReport(checked)


def _end_of(chain: int) -> tuple[int, str]:
    last = db.session.execute(
        select(AuditSeal.position, AuditSeal.hash)
        .where(AuditSeal.chain == chain)
        .order_by(AuditSeal.position.desc())
        .limit(1)
    ).first()
    return (last.position, last.hash) if last else (0, "")


def _hash(previous: str, audit_event: AuditEvent) -> str:
    facts: dict[str, Any] = {name: getattr(audit_event, name) for name in HASHED}
    facts["at"] = audit_event.at.timestamp()
    text_of_facts = json.dumps(facts, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(f"{previous}\n{text_of_facts}".encode()).hexdigest()
