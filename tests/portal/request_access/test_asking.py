"""A stranger asks for access, from page to page (X0-03 to X0-05)."""

import re

import pytest
from flask import Flask
from sqlalchemy import select

from models.base import db
from models.portal.access_request import AccessRequest, PortalQuestion, QuestionKind, RequestState
from models.portal.portal_text import PortalText, PortalTextKind
from services.portal.access_decisions import receive_requests
from services.portal.tax_id_masks import fits_mask
from tests.factories.people import (
    make_contact,
    make_group,
)
from tests.factories.saving import saved
from tests.portal.door import Door, letters
from tests.portal.request_access.asking import CODE, NIT, begin, company, sent, verified


def test_X0_05_a_request_goes_from_page_to_page_to_staff(door: Door, guemes) -> None:
    assert verified(door).location == door.url("/request-access/company")
    assert company(door).location == door.url("/request-access/status")
    summary = door.get("/request-access/status").text
    door.post("/request-access/status", form_at="/request-access/status")
    done = door.get("/request-access/status").text
    db.session.rollback()

    assert "Almacenes Guemes y Cia SA" in summary
    assert NIT in summary
    assert "teresa@guemes.test" in done
    request = db.session.scalars(select(AccessRequest)).one()
    assert request.state is RequestState.PENDING_VALIDATION
    assert receive_requests() == 1
    assert receive_requests() == 0
    assert letters()[-1][0] == "cartera@penalba.test"
    assert "/access-requests/" in letters()[-1][2]


def test_a_wrong_check_digit_is_said_at_its_field_and_nothing_is_lost(door: Door) -> None:
    verified(door)

    refused = company(door, "860.034.811-9")

    assert refused.status_code == 422
    assert 'id="tax_id-error"' in refused.text
    assert "Almacenes Guemes y Cia SA" in refused.text


def test_X0_03_the_form_of_the_groups_tax_ids_is_asked_for(door: Door, organization) -> None:
    make_group(code="MAY", uses_portal=True, tax_id_mask="999999999-9")
    db.session.commit()
    door.get("/request-access?group=MAY")
    verified(door)

    refused = company(door, "86003481")

    assert refused.status_code == 422
    assert "999999999-9" in refused.text
    assert fits_mask("860.034.811-3", "999999999-9")
    assert not fits_mask("860034811A", "999999999-9")


def test_five_wrong_codes_end_the_code(door: Door) -> None:
    code = begin(door)
    page = "/request-access/code"
    for _try in range(5):
        assert door.post(page, form_at=page, code="000 00x").status_code == 422

    assert door.post(page, form_at=page, code=code).status_code == 422


def test_nobody_goes_on_without_the_code(door: Door) -> None:
    begin(door)

    for page in ("company", "questions", "status"):
        assert door.get(f"/request-access/{page}").location == door.url("/request-access/contact")


def test_what_others_write_about_an_address_does_not_reach_its_request(
    door: Door, app: Flask
) -> None:
    verified(door)
    other = Door(app)
    other.post("/request-access", form_at="/request-access")
    page = "/request-access/contact"
    other.post(page, form_at=page, name="Mallory", email="teresa@guemes.test")
    db.session.rollback()

    request = db.session.scalars(select(AccessRequest)).one()
    assert request.name == "Teresa Ordaz"


def test_a_second_request_of_an_address_leads_to_the_first(door: Door, app: Flask, guemes) -> None:
    sent(door)
    other = Door(app)

    answer = verified(other)

    assert answer.location == door.url("/request-access/status")
    assert len(db.session.scalars(select(AccessRequest)).all()) == 1


def test_begun_on_one_device_and_gone_on_with_on_another(door: Door, app: Flask) -> None:
    verified(door)
    company(door)
    other = Door(app)
    other.post("/request-access/resume", form_at="/request-access", email="TERESA@guemes.test")
    found = CODE.search(letters()[-1][2])
    assert found

    answer = other.post("/request-access/code", form_at="/request-access/code", code=found[0])

    assert answer.location == door.url("/request-access/status")


@pytest.mark.parametrize("email", ["", "no address", "a@b\r\nBcc: x@x.test", "x" * 300])
def test_an_address_that_is_none_is_said_where_one_goes_on(door: Door, email: str) -> None:
    refused = door.post("/request-access/resume", form_at="/request-access", email=email)

    assert refused.status_code == 422
    assert 'id="email-error"' in refused.text
    assert "<details open>" in refused.text


def test_the_wizard_says_the_same_of_who_is_known_and_who_is_not(
    door: Door, app: Flask, guemes
) -> None:
    make_contact(guemes, email="teresa@guemes.test")
    db.session.commit()
    pages = []
    for email in ("teresa@guemes.test", "nobody@x.test"):
        each = Door(app)
        begin(each, email)
        page = each.get("/request-access/code").text
        pages.append(re.sub(r'(nonce|value)="[^"]*"', "", page).replace(email, ""))

    assert pages[0] == pages[1]


def test_X0_04_questions_of_the_group_are_asked_and_kept(door: Door) -> None:
    asked = saved(PortalQuestion(label={"es": "¿Quién es su vendedor?"}, is_required=True))
    day = saved(PortalQuestion(label={"es": "Desde"}, kind=QuestionKind.DATE, position=1))
    db.session.commit()
    verified(door)
    company(door)
    page = "/request-access/questions"

    empty = door.post(page, form_at=page)
    incomplete = door.get("/request-access/status").text
    door.post(page, form_at=page, **{f"q{asked.id}": "Andrés", f"q{day.id}": "2024-02-01"})
    again = door.get(page).text

    assert empty.status_code == 422
    assert page in incomplete
    assert 'value="Andrés"' in again
    assert 'value="2024-02-01"' in again


def test_X0_02_terms_stand_first_and_their_version_is_kept(door: Door) -> None:
    saved(PortalText(kind=PortalTextKind.TERMS, lang="es", revision=7, body_html="<p>Sí.</p>"))
    db.session.commit()
    page = "/request-access"

    assert door.post(page, form_at=page).status_code == 422
    door.post(page, form_at=page, terms="y")
    contact = f"{page}/contact"
    door.post(contact, form_at=contact, name="Teresa", email="teresa@guemes.test")
    found = CODE.search(letters()[-1][2])
    assert found
    door.post(f"{page}/code", form_at=f"{page}/code", code=found[0])
    db.session.rollback()

    assert db.session.scalars(select(AccessRequest.terms_revision)).one() == 7


@pytest.mark.parametrize("number", ["1e30", "1e999999999", "NaN", "sNaN", "-Infinity", "9" * 500])
def test_a_number_that_nobody_can_write_out_is_refused(door: Door, number: str) -> None:
    question = saved(PortalQuestion(label={"es": "¿Cuántas?"}, kind=QuestionKind.NUMBER))
    db.session.commit()
    verified(door)
    company(door)
    page = "/request-access/questions"

    refused = door.post(page, form_at=page, **{f"q{question.id}": number})

    assert refused.status_code == 422
    assert door.get(page).status_code == 200


def test_names_are_one_line(door: Door, guemes) -> None:
    """They stand in headers, greetings and lists."""
    page = "/request-access/contact"
    odd = "Teresa\r\nBcc: x@x.test\x07"
    door.post("/request-access", form_at="/request-access")
    door.post(page, form_at=page, name=odd, phone=odd, email="teresa@guemes.test")
    found = CODE.search(letters()[-1][2])
    assert found
    door.post("/request-access/code", form_at="/request-access/code", code=found[0])
    where = "/request-access/company"
    fields = {"tax_id_type": "co.nit", "tax_id": NIT, "company_name": odd, "city": odd}
    door.post(where, form_at=where, **fields)

    request = db.session.scalars(select(AccessRequest)).one()
    written = {request.name, request.phone, request.company_name, request.company["city"]}
    assert written == {"Teresa Bcc: x@x.test"}
