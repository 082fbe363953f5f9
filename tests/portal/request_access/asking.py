"""The way of a stranger through the pages, up to staff."""

import re

from sqlalchemy import select

from models.base import db
from models.portal.access_request import AccessRequest
from services.portal.access_decisions import receive_requests
from tests.portal.door import Door, letters

NIT = "860.034.811-3"
CODE = re.compile(r"\b\d{6}\b")


def begin(door: Door, email: str = "teresa@guemes.test") -> str:
    """Up to the code; returns it."""
    page = "/request-access"
    door.post(page, form_at=page)
    door.post(f"{page}/contact", form_at=f"{page}/contact", name="Teresa Ordaz", email=email)
    _to, subject, body = letters()[-1]
    found = CODE.search(body)
    assert found
    # Subjects stand in lists of ours, in the clear: what is in one is known to whoever looks.
    assert found[0] not in subject
    return found[0]


def verified(door: Door, email: str = "teresa@guemes.test"):
    code = begin(door, email)
    return door.post("/request-access/code", form_at="/request-access/code", code=code)


def company(door: Door, tax_id: str = NIT):
    page = "/request-access/company"
    return door.post(
        page,
        form_at=page,
        tax_id_type="co.nit",
        tax_id=tax_id,
        company_name="Almacenes Guemes y Cia SA",
    )


def sent(door: Door, email: str = "teresa@guemes.test") -> AccessRequest:
    """A request all the way to staff."""
    verified(door, email)
    company(door)
    door.post("/request-access/status", form_at="/request-access/status")
    db.session.rollback()
    receive_requests()
    found: AccessRequest = db.session.scalars(select(AccessRequest)).one()
    return found
