"""Start, stop and cancel at the door: the question, the number to type, and the second one who comes."""

import html
import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from models.base import db, utc_now
from models.mailings.delivery import Delivery, DeliveryKind
from models.mailings.mailing import Mailing
from models.mailings.mailing_state import MailingState
from models.people.organization import Organization
from services.mailings import flow
from settings import Settings
from tests.admin_views.conftest import SignIn
from tests.factories.mailings import make_registered
from tests.factories.people import make_contact, make_customer


@pytest.fixture
def mailing(organization: Organization, settings: Settings) -> Mailing:
    return make_registered(settings)


@pytest.fixture
def large_mailing(organization: Organization, settings: Settings) -> Mailing:
    return make_registered(settings, customers=51)


def state_of(mailing: Mailing) -> MailingState:
    db.session.expire_all()
    return mailing.state


def toast(client: FlaskClient, answer: object) -> str:
    return html.unescape(client.get(answer.location).text)  # type: ignore[attr-defined]


def test_the_question_says_numbers_and_sender(sign_in: SignIn, mailing: Mailing) -> None:
    """S1-17."""
    client = sign_in("clerk", lang="en")

    page = client.get(f"/mailings/{mailing.public_id}/start")
    part = client.get(f"/mailings/{mailing.public_id}/start", headers={"HX-Request": "true"})

    words = re.sub(r"</?b\b[^>]*>", "", page.text)
    assert f"2 e-mails with 2 invoices will leave from {mailing.account.address}." in words
    assert "No test e-mail has been sent yet." in page.text
    assert "Less than a minute" in page.text
    assert 'name="must"' not in page.text
    assert "<html" in page.text and "<html" not in part.text and "data-question" in part.text


def test_the_question_says_that_a_scheduled_one_starts_now(
    sign_in: SignIn, mailing: Mailing
) -> None:
    """S1-06, S1-17."""
    client = sign_in("clerk", lang="en")
    url = f"/mailings/{mailing.public_id}/start"

    assert "it starts now" not in client.get(url).text
    flow.schedule(mailing.id, utc_now() + timedelta(hours=1))
    db.session.commit()

    assert "It was scheduled for" in client.get(url).text
    assert "if you accept, it starts now." in client.get(url).text


def test_accepting_starts(sign_in: SignIn, mailing: Mailing) -> None:
    """S1-17: Accept = state Sending."""
    client = sign_in("clerk", lang="en")

    answer = client.post(f"/mailings/{mailing.public_id}/start")

    assert answer.location == f"/mailings/?mailing={mailing.public_id}"
    assert state_of(mailing) is MailingState.SENDING
    assert mailing.started_by_id is not None


def test_more_than_fifty_have_to_be_typed(sign_in: SignIn, large_mailing: Mailing) -> None:
    """S1-17: the server asks for the number, not only the page."""
    client = sign_in("clerk", lang="en")
    url = f"/mailings/{large_mailing.public_id}/start"

    refused = client.post(url, data={"must": "5"})

    assert refused.status_code == 422
    assert "Write 51 to confirm" in refused.text
    assert state_of(large_mailing) is MailingState.REGISTERED
    assert client.post(url, data={"must": "51"}).status_code == 302
    assert state_of(large_mailing) is MailingState.SENDING


def test_the_second_starter_hears_who_was_first(sign_in: SignIn, mailing: Mailing) -> None:
    """S1-17: only one wins under double click or two users; the other gets a calm sentence."""
    first = sign_in("clerk", lang="en", name="Lucía")
    second = sign_in("clerk", lang="en", name="Íñigo")
    url = f"/mailings/{mailing.public_id}/start"

    first.post(url)
    answer = second.post(url)

    assert answer.status_code == 302
    assert "It is already being sent: Lucía started it at" in toast(second, answer)


def test_stopping_twice_is_calm(sign_in: SignIn, mailing: Mailing) -> None:
    """S1-19."""
    client = sign_in("clerk", lang="en")
    client.post(f"/mailings/{mailing.public_id}/start")

    first = client.post(f"/mailings/{mailing.public_id}/stop")
    second = client.post(f"/mailings/{mailing.public_id}/stop")

    assert state_of(mailing) in {MailingState.STOPPING, MailingState.STOPPED}
    assert (first.status_code, second.status_code) == (302, 302)


def test_cancelling_asks_and_ends_it(sign_in: SignIn, mailing: Mailing) -> None:
    client = sign_in("clerk", lang="en")
    url = f"/mailings/{mailing.public_id}/cancel"

    question = client.get(url).text
    client.post(url)

    assert "2 e-mails will not be sent." in question and "Keep it" in question
    assert state_of(mailing) is MailingState.CANCELLED
    assert client.post(f"/mailings/{mailing.public_id}/start").status_code == 302
    assert state_of(mailing) is MailingState.CANCELLED


def test_a_test_goes_through_the_ledger(sign_in: SignIn, mailing: Mailing) -> None:
    """S1-15: kind test, the mailing stays as it is."""
    client = sign_in("clerk", lang="en")
    sample = db.session.query(Delivery.customer_id).order_by(Delivery.id.desc()).limit(1).scalar()
    url = f"/mailings/{mailing.public_id}/test"

    form = client.get(url).text
    answer = client.post(url, data={"address": "qa@acme.test", "sample": str(sample)})

    assert f'value="{sample}"' in form
    assert answer.status_code == 302
    test = db.session.query(Delivery).filter_by(kind=DeliveryKind.TEST).one()
    assert (test.recipient, test.customer_id) == ("qa@acme.test", sample)
    assert test.subject.startswith("[PRUEBA] ")
    assert state_of(mailing) is MailingState.REGISTERED


def test_the_sample_of_a_test_is_searched_for(sign_in: SignIn, mailing: Mailing) -> None:
    """S1-15: any customer of the mailing, by name or address; nobody else's."""
    make_contact(make_customer(name="Not in this mailing"))
    first, second = db.session.scalars(select(Delivery).order_by(Delivery.id)).all()
    client = sign_in("clerk", lang="en")
    url = f"/mailings/{mailing.public_id}/test"

    by_name = client.get(f"{url}/samples?query={first.customer.number}").json
    by_address = client.get(f"{url}/samples?query={second.recipient}").json
    nobody = client.get(f"{url}/samples?query=Not in this").json
    refused = client.post(url, data={"address": "nobody", "sample": str(second.customer_id)}).text

    assert [key for key, _words in by_name] == [str(first.customer_id)]
    assert by_address == [[str(second.customer_id), f"{second.customer.name} ({second.recipient})"]]
    assert nobody == []
    assert f'<option selected value="{second.customer_id}">' in refused
    assert f'data-lookup="{url}/samples"' in refused


@pytest.mark.parametrize("sample", ["999999999", "m999999999", "x", "m", "1" * 40])
def test_who_does_not_get_it_is_no_sample(sign_in: SignIn, mailing: Mailing, sample: str) -> None:
    answer = sign_in("clerk", lang="en").post(
        f"/mailings/{mailing.public_id}/test", data={"address": "qa@acme.test", "sample": sample}
    )

    assert answer.status_code == 422
    assert 'id="sample-error"' in answer.text
    assert db.session.query(Delivery).filter_by(kind=DeliveryKind.TEST).count() == 0


def test_a_test_to_no_address_is_refused_at_its_field(sign_in: SignIn, mailing: Mailing) -> None:
    client = sign_in("clerk", lang="en")

    answer = client.post(f"/mailings/{mailing.public_id}/test", data={"address": "nobody"})

    assert answer.status_code == 422
    assert 'id="address-error"' in answer.text
    assert db.session.query(Delivery).filter_by(kind=DeliveryKind.TEST).count() == 0
