"""What follows from refusals: the address is marked for every contact, and nobody writes to it again unasked."""

import pytest
from sqlalchemy import select, update

from models.base import db
from models.mailings.delivery import Delivery
from models.mailings.delivery_copy import CopyRole, CopyState, DeliveryCopy
from models.mailings.mailing import MailingRange
from models.mailings.suppression import Suppression
from models.people.contact import AddressState, ContactEmail
from services.mailings.audience import Choice, preview
from services.mailings.outcomes import note_outcomes
from services.mailings.suppressions import free_address
from tests.factories.mailings import make_registered
from tests.factories.people import make_contact, make_customer

ADDRESS = "copia@example.com"


@pytest.fixture
def mailing(organization, settings):
    """One message with a copy to a contact of another customer."""
    mailing = make_registered(settings, customers=1)
    make_contact(make_customer(), email=ADDRESS)
    delivery = db.session.scalars(select(Delivery)).one()
    db.session.add(
        DeliveryCopy(
            delivery_id=delivery.id,
            n=1,
            role=CopyRole.CC,
            address=ADDRESS,
            address_norm=ADDRESS,
            state=CopyState.WAITING,
        )
    )
    db.session.flush()
    return mailing


def refuse(mailing, code, text):
    db.session.execute(
        update(DeliveryCopy)
        .values(state=CopyState.REFUSED, smtp_code=code, smtp_text=text)
        .execution_options(synchronize_session=False)
    )
    note_outcomes([mailing.id], mailing.organization_id)
    db.session.expire_all()


def state_of_address():
    return db.session.scalars(ContactEmail.at(ADDRESS)).one()


@pytest.mark.parametrize(("code", "text"), [(550, "5.1.1 no such user"), (551, "user unknown")])
def test_a_copy_that_does_not_exist_is_marked_like_a_recipient(mailing, code, text):
    """X1-09: the address of a copy, too; the next mailing leaves it out."""
    refuse(mailing, code, text)

    email = state_of_address()
    assert email.state is AddressState.BOUNCED
    assert email.last_failure_code.startswith(str(code))
    assert [row.address_norm for row in db.session.scalars(select(Suppression))] == [ADDRESS]


@pytest.mark.parametrize(("code", "text"), [(550, "5.7.1 policy"), (452, "4.2.2 full")])
def test_a_copy_refused_for_other_reasons_is_no_bounce(mailing, code, text):
    refuse(mailing, code, text)

    assert state_of_address().state is AddressState.OK
    assert db.session.scalars(select(Suppression)).all() == []


def test_what_a_person_has_freed_is_not_marked_again_by_the_same_answer(mailing):
    refuse(mailing, 550, "5.1.1 no such user")
    assert free_address(ADDRESS) == 1

    note_outcomes([mailing.id], mailing.organization_id)

    db.session.expire_all()
    assert state_of_address().state is AddressState.OK
    assert preview(Choice(ranges=[MailingRange(series="FV")])).excluded == {}
