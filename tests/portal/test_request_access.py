"""A stranger asks for access and staff decide: X0-03 to X0-05, P-12."""

import re

import pytest
from flask import Flask
from sqlalchemy import select

from errors import Conflict
from models.base import db
from models.people.contact import Contact, ContactSource, CustomerContact
from models.people.customer import Customer
from models.portal.access_request import AccessRequest, PortalQuestion, QuestionKind, RequestState
from models.portal.portal_text import PortalText, PortalTextKind
from models.portal.portal_user import MembershipState, PortalMembership, PortalUser
from models.tenancy import acting_in
from services.portal.access_decisions import approve, receive_requests, reject
from services.portal.access_enquiries import answer_enquiry, ask_for_more, enquiries_of
from services.portal.access_list import Pile, count_waiting
from services.portal.access_matches import Reason, matches_of
from services.portal.portal_requests import answer_requests
from services.portal.tax_id_masks import fits_mask
from tests.browser import new_browser
from tests.factories.people import (
    make_contact,
    make_customer,
    make_group,
    make_mail_account,
    make_organization,
    make_user,
)
from tests.factories.sales import make_document
from tests.factories.saving import saved
from tests.portal.door import Door, letters

NIT = "860.034.811-3"
CODE = re.compile(r"\b\d{6}\b")


@pytest.fixture
def door(app: Flask, organization) -> Door:
    make_mail_account()
    organization.email = "cartera@penalba.test"
    db.session.commit()
    return Door(app)


@pytest.fixture
def guemes(organization) -> Customer:
    group = make_group(name="Mayoristas", uses_portal=True)
    customer = make_customer(
        name="Almacenes Güemes y Cía., S. A.",
        tax_id_type="co.nit",
        tax_id="8600348113",
        customer_group_id=group.id,
    )
    db.session.commit()
    return customer


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


@pytest.fixture
def clerk(app: Flask, organization):
    user = make_user(organization, role="clerk")
    db.session.commit()
    return new_browser(app).enter_as(user, organization)


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
