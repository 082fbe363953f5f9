"""Strangers who ask for access to the portal of the demo company: one who is surely known, one perhaps, one not at all."""

from datetime import date

from models.base import db
from models.people.customer import Customer
from models.portal.access_request import AccessRequest, RequestState
from seed.work import moment
from services.portal.access_matches import matches_of


def make_access_requests(known: Customer, similar: Customer, today: date) -> None:
    """They wait for somebody of the staff."""
    add = _request
    add("Teresa Ordaz", "teresa.ordaz@correo.example", known.name, known.tax_id or "", today, 2)
    add("Julián Cañas", "compras@canas.example", similar.name.split(",")[0], "900111222", today, 1)
    add("Ángela Ibáñez", "angela@estudio-n.example", "Estudio Ñ, E. U.", "901444555", today, 1)
    db.session.flush()


def _request(name: str, email: str, company: str, tax_id: str, today: date, days: int) -> None:
    came = moment(today, days, 7)
    request = AccessRequest(
        state=RequestState.PENDING_VALIDATION,
        email=email,
        email_norm=email,
        name=name,
        job_title="Jefa de tesorería" if days > 1 else None,
        company_name=company,
        tax_id=tax_id,
        company={"tax_id_type": "co.nit", "city": "Bogotá"},
        created_at=came,
    )
    db.session.add(request)
    db.session.flush()
    found = matches_of(request)
    request.match_score = found[0].score if found else 0
    request.matched_customer_id = found[0].customer.id if found else None
