"""Staff invite, the contact accepts: S0-10, X0-06. Nobody sets a password for somebody else."""

import contextvars
import threading

import pytest
from flask import Flask
from sqlalchemy import select, text

from errors import Conflict, Invalid
from models.base import db
from models.people.contact import CustomerContact
from models.portal.portal_text import PortalText, PortalTextKind
from models.portal.portal_user import MembershipState, PortalMembership, PortalUser
from models.tenancy import Scope, acting_in, enter
from services.portal.invitations import Acceptance, accept_invitation, invite
from services.portal.members import suspend, validate
from tests.browser import new_browser
from tests.factories.people import (
    make_contact,
    make_customer,
    make_group,
    make_mail_account,
    make_organization,
    make_user,
)
from tests.factories.portal import make_portal_user
from tests.factories.saving import saved
from tests.portal.door import PASSWORD, Door, answer, letters, link_in


@pytest.fixture
def contact(organization):
    make_mail_account()
    group = make_group(name="Mayoristas", uses_portal=True)
    customer = make_customer(name="Ferretería La Ñapa", customer_group_id=group.id)
    return make_contact(customer, name="Sofía Núñez", email="sofia@lanapa.test")


@pytest.fixture
def door(app: Flask, contact) -> Door:
    return Door(app)


def link_of(contact) -> CustomerContact:
    return db.session.scalars(
        select(CustomerContact).where(CustomerContact.contact_id == contact.id)
    ).one()


def invited(contact) -> str:
    """The link that the contact got."""
    invite(link_of(contact))
    db.session.commit()
    return link_in(letters()[-1][2])


def test_X0_06_who_was_invited_completes_the_registration(door: Door, contact) -> None:
    link = invited(contact)
    [(to, subject, _text)] = letters()

    page = door.get(link)
    entered = door.post(link, form_at=link, login="sofia", way="password", password=PASSWORD)

    assert to == "sofia@lanapa.test"
    assert subject.startswith("Acceso al portal")
    assert "Ferretería La Ñapa" in page.text
    assert entered.status_code == 302
    assert door.is_inside()
    user = db.session.scalars(select(PortalUser)).one()
    assert (user.login, user.email_verified_at is not None) == ("sofia", True)
    assert user.memberships[0].state is MembershipState.VALIDATED


def test_looking_at_an_invitation_changes_nothing(door: Door, contact) -> None:
    link = invited(contact)
    tables = "SELECT (SELECT jsonb_agg(t) FROM portal_token t), (SELECT jsonb_agg(m) FROM portal_membership m)"
    before = db.session.execute(text(tables)).one()
    db.session.commit()

    door.get(link)

    assert db.session.execute(text(tables)).one() == before


def test_one_may_choose_links_only(door: Door, contact) -> None:
    link = invited(contact)
    door.post(link, form_at=link, login="sofia@lanapa.test", way="link")

    assert door.is_inside()
    assert db.session.scalars(select(PortalUser.password_hash)).one() is None


def test_an_invitation_works_once(door: Door, contact, app: Flask) -> None:
    link = invited(contact)
    door.post(link, form_at=link, login="sofia", way="link")
    other = Door(app)

    assert other.get(link).status_code == 404
    assert other.post(link, login="x-y-z", way="link").status_code == 404


def test_of_two_at_once_one_gets_in(app: Flask, contact, organization) -> None:
    token, here = invited(contact).rpartition("/")[2], organization.id
    outcomes: list[str] = []

    def accept(name: str) -> None:
        with app.app_context():
            enter(Scope(organization_id=here))
            try:
                accept_invitation(token, Acceptance(login=name, password=None))
                db.session.commit()
                outcomes.append("in")
            except Exception as problem:
                db.session.rollback()
                outcomes.append(type(problem).__name__)

    threads = [
        threading.Thread(target=contextvars.Context().run, args=(accept, f"sofia-{n}"))
        for n in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["NotFound", "in"]


def test_a_newer_invitation_ends_the_older(door: Door, contact) -> None:
    older, newer = invited(contact), invited(contact)

    assert door.get(older).status_code == 404
    assert door.get(newer).status_code == 200
    assert db.session.scalars(select(PortalMembership)).one().invited_at is not None


def test_an_invitation_opens_nothing_in_another_company(door: Door, contact, app: Flask) -> None:
    link = invited(contact)
    with acting_in(make_organization().id):
        other = Door(app)
    db.session.commit()

    assert other.get(link).status_code == 404


def test_who_is_suspended_meanwhile_does_not_get_in(door: Door, contact) -> None:
    link = invited(contact)
    suspend(db.session.scalars(select(PortalMembership)).one())
    db.session.commit()

    assert door.get(link).status_code == 404


def test_a_wrong_choice_loses_nothing(door: Door, contact) -> None:
    """The link stays good, and what was written stands."""
    make_portal_user(make_customer(), login="taken")
    link = invited(contact)

    short = door.post(link, form_at=link, login="sofia", way="password", password="short")
    taken = door.post(link, form_at=link, login="taken", way="link")
    foreign = door.post(link, form_at=link, login="boss@other.test", way="link")

    assert (short.status_code, taken.status_code, foreign.status_code) == (422, 422, 422)
    assert 'value="sofia"' in short.text
    assert door.get(link).status_code == 200


def test_X0_02_terms_are_accepted_in_their_version(door: Door, contact) -> None:
    saved(
        PortalText(
            kind=PortalTextKind.TERMS,
            lang="es",
            revision=3,
            body_html='<p style="color:red" onclick="x()">Sea puntual.</p><img src="https://x.test/y">',
        )
    )
    link = invited(contact)

    page = door.get(link).text
    without = door.post(link, form_at=link, login="sofia", way="link")
    door.post(link, form_at=link, login="sofia", way="link", terms="y")

    assert "<p>Sea puntual.</p>" in page
    assert without.status_code == 422
    assert db.session.scalars(select(PortalUser.terms_revision)).one() == 3


def test_S0_02_a_group_without_the_portal_invites_nobody(contact) -> None:
    link = link_of(contact)
    link.customer.customer_group.uses_portal = False
    db.session.flush()

    with pytest.raises(Conflict, match="Mayoristas"):
        invite(link)


def test_a_contact_without_an_address_is_not_invited(contact) -> None:
    silent = make_contact(link_of(contact).customer, email=None, is_primary=False)

    with pytest.raises(Invalid):
        invite(link_of(silent))


def test_P_11_who_has_an_account_keeps_it(door: Door, contact) -> None:
    """Invited by a second customer: the same person, no second password."""
    first = make_customer(name="Ladrillera Ocaña")
    known = make_contact(first, email="sofia@lanapa.test")
    user = make_portal_user(first, known, password_hash="x")
    link = invited(contact)

    page = door.get(link).text
    door.post(link, form_at=link)

    assert 'name="password"' not in page
    assert "Ferretería La Ñapa" in door.get("/").text
    assert len(user.memberships) == 2


def test_two_contacts_with_one_address_are_two_users(contact) -> None:
    """S0-24: a shared mailbox has several user names."""
    customer = link_of(contact).customer
    colleague = make_contact(customer, email="sofia@lanapa.test", name="Raúl", is_primary=False)
    first, second = invite(link_of(contact)), invite(link_of(colleague))

    assert first.portal_user.login == "sofia@lanapa.test"
    assert second.portal_user.login == "sofia-2"


def test_who_lost_the_invitation_gets_another_by_asking_for_a_link(door: Door, contact) -> None:
    invited(contact)
    door.post("/sign-in/link", email="sofia@lanapa.test")
    answer()

    assert link_in(letters()[-1][2]).startswith("/invitation/")


def test_S0_13_validation_is_confirmed_once(contact) -> None:
    membership = invite(link_of(contact))
    validate(membership)
    suspend(membership)
    validate(membership)
    db.session.commit()

    assert [subject for _to, subject, _text in letters()][1:] == [letters()[1][1]]


def test_staff_invite_and_suspend_from_the_customers_page(
    app: Flask, contact, organization
) -> None:
    customer_id, contact_id = link_of(contact).customer_id, contact.id
    clerk = make_user(organization, role="clerk")
    browser = new_browser(app).enter_as(clerk, organization)
    page = f"/admin/customer/portal/?id={customer_id}"
    act = f"/portal-members/{customer_id}/{contact_id}"

    assert "Invitar al portal" in browser.get(page).text
    assert browser.submit(f"{act}/invite", form_at=page).location == page
    assert "Invitado" in browser.get(page).text
    browser.submit(f"{act}/suspend", form_at=page)

    assert db.session.scalars(select(PortalMembership.state)).one() is MembershipState.SUSPENDED
    assert len(letters()) == 1


def test_staff_never_write_a_password(app: Flask, contact, organization) -> None:
    """Pain A-2: an invitation goes by mail, and until the contact has chosen there is no password at all."""
    customer_id = link_of(contact).customer_id
    pages = (
        f"/admin/customer/portal/?id={customer_id}",
        f"/admin/customer/edit/?id={customer_id}",
        f"/admin/contact/edit/?id={contact.id}",
    )
    invited(contact)
    clerk = new_browser(app).enter_as(make_user(organization, role="clerk"), organization)

    for page in pages:
        answered = clerk.get(page)
        assert answered.status_code == 200
        assert 'type="password"' not in answered.text
    assert db.session.scalars(select(PortalUser.password_hash)).all() == [None]
    assert [to for to, _subject, _text in letters()] == ["sofia@lanapa.test"]


def test_a_reader_sees_and_does_nothing(app: Flask, contact, organization) -> None:
    customer_id, contact_id = link_of(contact).customer_id, contact.id
    reader = new_browser(app).enter_as(make_user(organization, role="reader"), organization)

    page = reader.get(f"/admin/customer/portal/?id={customer_id}")
    refused = reader.submit(
        f"/portal-members/{customer_id}/{contact_id}/invite", form_at="/account"
    )

    assert page.status_code == 200
    assert "portal-members" not in page.text
    assert refused.status_code == 403
