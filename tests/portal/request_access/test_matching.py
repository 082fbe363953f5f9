"""Which customer a request is likely to mean (X0-03)."""

from models.base import db
from services.portal.access_matches import Reason, matches_of
from tests.factories.people import (
    make_contact,
    make_customer,
)
from tests.factories.sales import make_document
from tests.portal.door import Door
from tests.portal.request_access.asking import sent


def test_X0_03_the_likeliest_customer_comes_first_with_its_reasons(door: Door, guemes) -> None:
    make_contact(guemes, email="otra@guemes.test")
    invoice = make_document(guemes)
    make_customer(name="Almacenes Güemes del Sur", tax_id="123")
    db.session.commit()
    request = sent(door)
    request.answers = {"1": {"question": "Factura", "answer": f"la {invoice.label}"}}

    first, second = matches_of(request)[:2]

    assert first.customer.id == guemes.id
    assert {Reason.SAME_TAX_ID, Reason.SAME_DOMAIN, Reason.OWN_DOCUMENT} <= set(first.reasons)
    assert first.detail == invoice.label
    assert Reason.OTHER_TAX_ID in second.reasons
    assert first.score > 90 > second.score
    assert request.match_score is not None


def test_a_customer_may_be_searched_for(door: Door, guemes, clerk) -> None:
    other = make_customer(name="Ladrillera Ocaña")
    db.session.commit()
    request = sent(door)

    page = clerk.get(f"/access-requests/{request.public_id}?q=ocana").text

    assert f'value="{other.id}"' in page


def test_who_is_hardly_alike_stands_behind_who_surely_is(door: Door, guemes, clerk) -> None:
    """Mockup 15: one who is found by the tax id is not to be looked for among names that are alike."""
    other = make_customer(
        name="Almacenes Güemes del Sur", tax_id_type="co.nit", tax_id="9001234568"
    )
    db.session.commit()
    request = sent(door)

    page = clerk.get(f"/access-requests/{request.public_id}").text

    likely, _summary, behind = page.partition("1 más, poco parecido")
    assert f'value="{guemes.id}" checked' in likely
    assert f'value="{other.id}"' in behind
    assert "dígito correcto" in likely
