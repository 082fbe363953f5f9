"""Staff decide, or ask for more, and whoever asked hears of it (X0-05, P-12)."""

import pytest
from flask import Flask
from sqlalchemy import select

from errors import Conflict
from models.base import db
from models.people.contact import Contact, ContactSource, CustomerContact
from models.portal.access_request import AccessRequest, RequestState
from models.portal.portal_text import PortalText, PortalTextKind
from models.portal.portal_user import MembershipState, PortalMembership, PortalUser
from models.tenancy import acting_in
from services.portal.access_decisions import approve, reject
from services.portal.access_enquiries import answer_enquiry, ask_for_more, enquiries_of
from services.portal.access_list import Pile, count_waiting
from services.portal.portal_requests import answer_requests
from tests.browser import new_browser
from tests.factories.people import (
    make_contact,
    make_organization,
    make_user,
)
from tests.factories.saving import saved
from tests.portal.door import Door, letters
from tests.portal.request_access.asking import CODE, begin, company, sent, verified


def test_P_12_who_is_approved_becomes_a_contact_and_is_told_once(door: Door, guemes) -> None:
    request = sent(door)
    approve(request.id, guemes, contact_id=None, roles=["billing"])
    db.session.commit()

    contact = db.session.scalars(select(Contact)).one()
    link = db.session.scalars(select(CustomerContact)).one()
    assert contact.source is ContactSource.ACCESS_REQUEST
    assert (link.customer_id, link.roles) == (guemes.id, ["billing"])
    membership = db.session.scalars(select(PortalMembership)).one()
    assert membership.state is MembershipState.VALIDATED
    assert letters()[-1][0] == "teresa@guemes.test"
    with pytest.raises(Conflict):
        approve(request.id, guemes, contact_id=None, roles=[])


def test_an_existing_contact_and_user_are_taken(door: Door, guemes) -> None:
    contact = make_contact(guemes, email="teresa@guemes.test", roles=("statements",))
    user = saved(PortalUser(email="teresa@guemes.test", name="Teresa"))
    db.session.commit()
    request = sent(door)

    membership = approve(request.id, guemes, contact_id=contact.id, roles=["billing"])

    assert (membership.contact_id, membership.portal_user_id) == (contact.id, user.id)
    assert len(db.session.scalars(select(Contact)).all()) == 1


def test_who_is_rejected_may_correct_and_send_again(door: Door, guemes) -> None:
    request = sent(door)
    reject(request.id, "No es de esa empresa")
    db.session.commit()

    page = door.get("/request-access/status").text
    company(door)
    door.post("/request-access/status", form_at="/request-access/status")
    db.session.expire_all()

    assert "No es de esa empresa" not in page
    assert request.state is RequestState.PENDING_VALIDATION


def test_staff_see_the_answers_and_validate(door: Door, guemes, clerk) -> None:
    """Mockup 15: the likeliest customer is chosen already, with what speaks for it."""
    request = sent(door)
    page = f"/access-requests/{request.public_id}"

    shown = clerk.get("/access-requests/").text
    answer = clerk.submit(
        f"{page}/approve", {"customer": guemes.id, "roles": "billing"}, form_at=page
    )

    assert "Teresa Ordaz" in shown
    assert "Almacenes Güemes y Cía., S. A." in shown
    assert "Misma identificación fiscal" in shown
    assert "Facturas, Notas de crédito, Estados de cuenta, Pagos" in shown
    assert "Cotizaciones; puede responderlas" in shown
    assert answer.status_code == 302
    db.session.expire_all()
    assert request.state is RequestState.VALIDATED
    assert "Teresa Ordaz" in clerk.get("/access-requests/?state=validated").text


def test_X0_05_a_request_opens_nothing_before_it_is_validated(door: Door, guemes, clerk) -> None:
    """Pain A-11: from state to state, each under its tab for staff, and nobody is inside."""
    code, seen = begin(door), []

    def note() -> None:
        db.session.rollback()
        there = {
            tab
            for tab in Pile
            if "teresa@guemes.test" in clerk.get(f"/access-requests/?state={tab}").text
        }
        state = db.session.scalars(select(AccessRequest.state)).one()
        seen.append((state, there, door.is_inside()))

    note()
    door.post("/request-access/code", form_at="/request-access/code", code=code)
    note()
    company(door)
    door.post("/request-access/status", form_at="/request-access/status")
    note()
    assert door.post("/sign-in/link", email="teresa@guemes.test").status_code == 200
    answer_requests()
    reject(db.session.scalars(select(AccessRequest.id)).one(), "No la conocemos")
    db.session.commit()
    note()

    assert seen == [
        (RequestState.REQUESTED, {"all"}, False),
        (RequestState.EMAIL_VERIFIED, {"all"}, False),
        (RequestState.PENDING_VALIDATION, {"waiting", "all"}, False),
        (RequestState.REJECTED, {"rejected", "all"}, False),
    ]
    assert not any("/sign-in/link/" in text for _to, _subject, text in letters())


def test_staff_reject_for_a_reason_only(door: Door, guemes, clerk) -> None:
    request = sent(door)
    page = f"/access-requests/{request.public_id}"

    without = clerk.submit(f"{page}/reject", {"why": " "}, form_at=page)
    clerk.submit(f"{page}/reject", {"why": "No la conocemos"}, form_at=page)
    db.session.expire_all()

    assert without.status_code == 422
    assert (request.state, request.rejected_because) == (RequestState.REJECTED, "No la conocemos")
    assert "No la conocemos" in clerk.get(page).text


def test_who_comes_second_hears_it_calmly(door: Door, guemes, clerk) -> None:
    request = sent(door)
    page = f"/access-requests/{request.public_id}"
    fields = {"customer": guemes.id, "csrf_token": clerk.csrf_token(page)}
    approve(request.id, guemes, contact_id=None, roles=[])
    db.session.commit()

    second = clerk.post(f"{page}/approve", data=fields)

    assert second.status_code == 409
    assert len(db.session.scalars(select(PortalMembership)).all()) == 1


def test_readers_decide_nothing(door: Door, guemes, app: Flask, organization) -> None:
    request = sent(door)
    reader = new_browser(app).enter_as(make_user(organization, role="reader"), organization)
    page = f"/access-requests/{request.public_id}"

    shown = reader.get(page)
    refused = reader.submit(f"{page}/approve", {"customer": guemes.id}, form_at="/account")

    assert shown.status_code == 200
    assert f"{page}/approve" not in shown.text
    assert refused.status_code == 403


def test_requests_of_another_company_do_not_exist(door: Door, guemes, app: Flask) -> None:
    request = sent(door)
    other = make_organization()
    with acting_in(other.id):
        stranger = new_browser(app).enter_as(make_user(other), other)

    assert stranger.get(f"/access-requests/{request.public_id}").status_code == 404


def test_a_rejected_request_is_not_sent_beside_another_one(door: Door, app: Flask, guemes) -> None:
    """Of an address one request is open: whoever began anew elsewhere goes on there."""
    request = sent(door)
    reject(request.id, "Not that one")
    db.session.commit()
    verified(Door(app))

    again = door.post("/request-access/status", form_at="/request-access/status")

    assert again.status_code == 200
    assert 'role="alert"' in again.text
    db.session.expire_all()
    assert request.state is RequestState.REJECTED


def test_P_12_staff_ask_for_something_and_the_answer_comes_back(
    door: Door, app: Flask, guemes
) -> None:
    """P-12: the request waits meanwhile; the answer is given in another browser, after a code to the address."""
    request = sent(door)
    assert ask_for_more(request, "  ¿Quién es su vendedor?\r\n") is not None
    db.session.commit()
    assert letters()[-1][0] == "teresa@guemes.test"
    assert "¿Quién es su vendedor?" in letters()[-1][2]
    assert count_waiting() == 0  # the next word is theirs
    with pytest.raises(Conflict):
        ask_for_more(request, "¿Y su teléfono?")
    db.session.rollback()
    waits = door.get("/request-access/status").text

    other = Door(app)
    whose = other.get("/request-access/answer").text
    other.post(
        "/request-access/resume", form_at="/request-access/answer", email="teresa@guemes.test"
    )
    found = CODE.search(letters()[-1][2])
    assert found
    other.post("/request-access/code", form_at="/request-access/code", code=found[0])
    page = "/request-access/answer"
    assert other.post(page, form_at=page, answer=" ").status_code == 422
    other.post(page, form_at=page, answer="Andrés, el de la zona norte")
    db.session.rollback()

    assert "¿Quién es su vendedor?" in waits
    assert 'name="email"' in whose and "vendedor" not in whose
    [asked] = enquiries_of(db.session.scalars(select(AccessRequest)).one())
    assert (asked.answer, asked.answered_at is not None) == ("Andrés, el de la zona norte", True)
    assert request.state is RequestState.PENDING_VALIDATION
    assert letters()[-1][0] == "cartera@penalba.test"
    assert "Andrés, el de la zona norte" in letters()[-1][2]
    assert count_waiting() == 1
    assert other.get(page).location == other.url("/request-access/status")


def test_nobody_answers_what_was_not_asked(door: Door, guemes) -> None:
    request = sent(door)
    with pytest.raises(Conflict):
        answer_enquiry(request, "Algo")
    ask_for_more(request, "¿Algo?")
    db.session.commit()
    reject(request.id, "Nadie la conoce")

    with pytest.raises(Conflict):
        answer_enquiry(request, "Algo")


def test_X0_02_the_primary_contact_hears_of_who_was_validated_besides(door: Door, guemes) -> None:
    """X0-02: in the words of a level, once; a contact that was known already is no news."""
    make_contact(guemes, name="Ramón Güemes", email="ramon@guemes.test", is_primary=True)
    saved(
        PortalText(
            kind=PortalTextKind.SECONDARY_ADDED,
            lang="es",
            subject="{{ new_contact }} entra por {{ company }}",
            body_html="<p>Hola, {{ contact.name }}</p>",
        )
    )
    db.session.commit()
    request = sent(door)

    approve(request.id, guemes, contact_id=None, roles=["billing"])
    db.session.commit()

    told = [each for each in letters() if each[0] == "ramon@guemes.test"]
    assert [each[1] for each in told] == ["Teresa Ordaz entra por Almacenes Güemes y Cía., S. A."]
