"""S2-17 to S2-19, S2-22: customers forward documents."""

import threading

import pytest
from sqlalchemy import select, update

from jobs.mailings import workshop
from models.base import db
from models.mailings.delivery import Delivery, DeliveryBody, DeliveryDocument, DeliveryState
from models.people.contact import Contact, ContactSource, CustomerContact
from models.portal.document_forward import MOST_RECEIVERS, DocumentForward
from models.portal.portal_event import PortalEvent
from models.portal.portal_settings import PortalSettings
from models.portal.portal_user import PortalMembership
from models.sales.document import Invoice, Quote, SalesOrder
from services.portal.forward_sending import send_forwards
from services.portal.forwards import MOST_A_DAY
from tests.browser import new_browser
from tests.factories.people import make_contact, make_customer, make_mail_account
from tests.factories.sales import make_document


@pytest.fixture
def sent_by(organization):
    account = make_mail_account(is_shared=True)
    db.session.commit()
    return account


def forward(window, document, addresses, **fields):
    where = f"/documents/{document.public_id}/forward"
    return window.submit(where, {"addresses": addresses, **fields}, form_at=where)


@pytest.mark.parametrize("kind", [Invoice, Quote, SalesOrder])
def test_S2_18_a_forward_leaves_through_the_ledger(stand, sent_by, kind):
    """S2-17, S2-22: invoices, quotes and sales orders; from the organization, answers to the customer, with the very PDF."""
    window = stand()
    document = make_document(window.customer, kind=kind)
    db.session.commit()

    answer = forward(window, document, "contador@estudio.test", note="Para el <b>cierre</b>")
    assert answer.status_code == 303
    assert db.session.scalars(select(Delivery)).all() == []  # a worker's work
    assert send_forwards(workshop()) == 1

    mail = db.session.scalars(select(Delivery)).one()
    assert (mail.recipient, mail.customer_id) == ("contador@estudio.test", window.customer.id)
    assert mail.envelope_from == sent_by.address
    body = db.session.scalars(select(DeliveryBody)).one()
    head = body.head.decode()
    assert f"<{window.user.email}>" in head.split("Reply-To:")[1].split("\n")[0]
    assert "Para el" in head
    assert len(body.parts) == 1
    assert db.session.scalars(select(DeliveryDocument)).one().document_id == document.id
    event = db.session.scalars(select(PortalEvent)).one()
    assert (event.kind, event.detail["to"]) == ("forwarded", ["contador@estudio.test"])
    page = window.get(f"/documents/{document.public_id}").text
    assert "contador@estudio.test" in page


def test_S2_19_receivers_become_contacts_once_without_access(stand, sent_by):
    window = stand()
    known = make_contact(window.customer, is_primary=False)
    elsewhere = make_contact(make_customer())
    document = make_document(window.customer)
    db.session.commit()
    before = len(db.session.scalars(select(Contact)).all())
    addresses = (
        f"Nueva@Estudio.test, nueva@estudio.TEST; {known.emails[0].address.upper()}\n"
        f"{elsewhere.emails[0].address}"
    )

    forward(window, document, addresses)
    send_forwards(workshop())
    forward(window, document, "NUEVA@estudio.test")
    send_forwards(workshop())

    contacts = db.session.scalars(select(Contact).order_by(Contact.id)).all()
    made = contacts[before:]
    assert [each.source for each in made] == [ContactSource.FORWARDED] * 2
    links = db.session.scalars(
        select(CustomerContact).where(CustomerContact.contact_id.in_([c.id for c in made]))
    ).all()
    assert {link.customer_id for link in links} == {window.customer.id}
    assert [link.roles for link in links] == [[], []]
    assert len(db.session.scalars(select(PortalMembership)).all()) == 1
    assert len(db.session.scalars(select(Delivery)).all()) == 4


def test_a_job_that_runs_twice_or_dies_sends_once(stand, sent_by, monkeypatch):
    window = stand()
    document = make_document(window.customer)
    db.session.commit()
    forward(window, document, "a@x.test b@x.test c@x.test")
    from services.portal import forward_sending

    true_receiver, calls = forward_sending._receiver, []

    def dies(*args):
        calls.append(args)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return true_receiver(*args)

    monkeypatch.setattr(forward_sending, "_receiver", dies)
    with pytest.raises(KeyboardInterrupt):
        send_forwards(workshop())
    db.session.rollback()
    assert db.session.scalars(select(Delivery)).all() == []
    monkeypatch.undo()

    assert send_forwards(workshop()) == 3
    assert send_forwards(workshop()) == 0
    assert len(db.session.scalars(select(Delivery)).all()) == 3
    assert db.session.scalars(select(DocumentForward)).one().done_at is not None


def test_two_workers_at_once_send_once(app, stand, sent_by):
    window = stand()
    document = make_document(window.customer)
    db.session.commit()
    forward(window, document, "a@x.test b@x.test")
    shop = workshop()

    def work():
        with app.app_context():
            send_forwards(shop)

    threads = [threading.Thread(target=work) for _number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(db.session.scalars(select(Delivery)).all()) == 2


@pytest.mark.parametrize(
    "addresses",
    [
        "",
        "no-address",
        "a@x.test\r\nBcc: b@x.test",
        " ".join(f"p{number}@x.test" for number in range(11)),
        " ".join(f"p{number}@x.test" for number in range(500)),
    ],
)
def test_what_cannot_be_sent_is_told_at_the_field(stand, sent_by, addresses):
    window = stand()
    document = make_document(window.customer)
    db.session.commit()

    refused = forward(window, document, addresses)

    assert refused.status_code == 422
    assert 'id="addresses-problem"' in refused.text
    assert db.session.scalars(select(DocumentForward)).all() == []


def test_more_than_a_hundred_receivers_a_day_are_too_many(stand, sent_by):
    window = stand()
    document = make_document(window.customer)
    db.session.commit()

    statuses = [
        forward(window, document, " ".join(f"p{n}x{m}@x.test" for n in range(10))).status_code
        for m in range(11)
    ]

    assert statuses == [303] * 10 + [429]


def test_S2_17_forwarding_that_is_off_is_absent_and_forbidden(stand, sent_by):
    window = stand()
    document = make_document(window.customer)
    db.session.execute(update(PortalSettings).values(allow_forward=False))
    db.session.commit()
    where = f"/documents/{document.public_id}"

    assert "/forward" not in window.get(where).text
    assert window.get(f"{where}/forward").status_code == 403
    assert (
        window.submit(f"{where}/forward", {"addresses": "a@x.test"}, form_at=where).status_code
        == 403
    )
    assert db.session.scalars(select(DocumentForward)).all() == []


def test_another_customers_document_is_not_forwarded(stand, sent_by):
    window = stand()
    strange = make_document(make_customer())
    db.session.commit()
    where = f"/documents/{strange.public_id}/forward"

    assert window.get(where).status_code == 404
    assert window.submit(where, {"addresses": "a@x.test"}).status_code == 404


def test_without_an_account_the_customer_learns_that_it_was_not_sent(stand):
    window = stand()
    document = make_document(window.customer)
    db.session.commit()
    forward(window, document, "a@x.test")

    assert send_forwards(workshop()) == 0

    assert db.session.scalars(select(DocumentForward)).one().problem
    assert "No se pudo enviar" in window.get(f"/documents/{document.public_id}").text
    assert db.session.scalars(select(DeliveryState)).all() == []


def test_S2_17_of_two_forwards_at_once_the_cap_refuses_one(app, stand, sent_by):
    """The receivers of a day are counted one forward after the other."""
    window = stand()
    document = make_document(window.customer)
    db.session.commit()
    some = ", ".join(f"a{number}@estudio.test" for number in range(MOST_RECEIVERS))
    for _number in range(MOST_A_DAY // MOST_RECEIVERS - 1):
        assert forward(window, document, some).status_code == 303
    where = f"{window.root}/documents/{document.public_id}/forward"
    token = window.browser.get_cookie("portal").value
    browsers = []
    for _number in range(4):
        browser = new_browser(app)
        browser.set_cookie("portal", token)
        browsers.append((browser, browser.csrf_token(where)))
    start, statuses = threading.Barrier(len(browsers)), []

    def send(browser, csrf):
        start.wait()
        answer = browser.post(where, data={"addresses": some, "csrf_token": csrf})
        statuses.append(answer.status_code)

    threads = [threading.Thread(target=send, args=each) for each in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(statuses) == [303, 429, 429, 429]
    receivers = [len(each.addresses) for each in db.session.scalars(select(DocumentForward))]
    assert sum(receivers) <= MOST_A_DAY
