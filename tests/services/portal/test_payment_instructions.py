"""Pains C-10: customers hear that they are to pay in another way, whoever changed it, once, and never which way."""

from zoneinfo import ZoneInfo

import psycopg
import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError

from models.base import db
from models.people.customer import Customer
from models.people.organization import Organization
from models.sales.instructions_change import InstructionsChange
from models.tenancy import acting_in
from services.portal import payment_instructions
from services.portal.mail_words import day_in_words
from services.portal.payment_instructions import tell_everybody, tell_next_customers
from tests.factories.people import make_contact, make_customer, make_mail_account, make_organization
from tests.factories.portal_texts import html_of, message_of, written
from tests.factories.sales import make_document

FORMER, NEW = "Banco Uno, cuenta 111", "Banco Dos, cuenta 222"


@pytest.fixture
def company(organization: Organization) -> Organization:
    organization.payment_instructions = FORMER
    make_mail_account()
    db.session.commit()
    return organization


def make_invoiced(**fields: object) -> Customer:
    customer = make_customer(**fields)
    make_document(customer)
    return customer


def change(company: Organization, text: str | None) -> None:
    company.payment_instructions = text
    db.session.commit()


def recipients() -> list[str]:
    return [delivery.recipient for delivery in written()]


def test_C_10_who_gets_the_invoices_hears_of_it_once(company: Organization) -> None:
    """The billing contact, else the primary one; not whoever was never invoiced, is on hold, or wants nothing."""
    one, other = make_invoiced(name="Ferretería La Ñapa"), make_invoiced(lang="en")
    make_contact(one, email="jefe@napa.test", roles=())
    make_contact(one, email="caja@napa.test", is_primary=False)
    make_contact(one, email="fuera@napa.test", is_primary=False, is_active=False)
    make_contact(other, email="boss@other.test", roles=(), lang="en")
    make_contact(make_customer(), email="nunca@x.test")
    make_contact(make_invoiced(on_hold=True), email="espera@x.test")
    change(company, NEW)

    assert tell_everybody() == 2
    assert tell_everybody() == 0

    assert recipients() == ["caja@napa.test", "boss@other.test"]
    assert message_of(written()[0])["Subject"].startswith("A ")
    assert "another way" in html_of(written()[1])


def test_C_10_the_message_names_no_account_and_the_way_to_see_it(company: Organization) -> None:
    """A swindler's message that looks alike has to name one."""
    make_contact(make_invoiced(), email="caja@napa.test")
    change(company, NEW)

    tell_everybody()

    page = html_of(written()[0])
    assert "Banco" not in page
    assert "/verify" in page


@pytest.mark.parametrize("zone", ["Etc/GMT+12", "Etc/GMT-14"])  # at each hour one has another day
def test_C_10_the_day_is_that_of_the_company(company: Organization, zone: str) -> None:
    """The page says the same one."""
    make_contact(make_invoiced(), email="caja@napa.test")
    company.timezone = zone
    change(company, NEW)

    tell_everybody()

    db.session.refresh(company)
    assert company.payment_instructions_since is not None
    day = company.payment_instructions_since.astimezone(ZoneInfo(zone)).date()
    assert day_in_words(day, "es") in html_of(written()[0])


def test_C_10_since_when_is_kept_whoever_writes_it(
    company: Organization, superuser_dsn: str
) -> None:
    """By SQL, too; the first instructions are no change, and the same again is none."""
    assert company.payment_instructions_since is not None
    assert db.session.scalars(select(InstructionsChange)).all() == []
    first = company.payment_instructions_since

    with psycopg.connect(superuser_dsn, autocommit=True) as connection:
        for text in (FORMER, f" {NEW}\n"):
            connection.execute(
                "UPDATE organization SET payment_instructions = %s WHERE id = %s",
                [text, company.id],
            )
    db.session.refresh(company)

    assert company.payment_instructions == NEW
    assert company.payment_instructions_since > first
    assert len(db.session.scalars(select(InstructionsChange)).all()) == 1


def test_C_10_taking_them_away_in_between_hides_no_change(company: Organization) -> None:
    """That there are none is told to nobody; that there are others is."""
    make_contact(make_invoiced(), email="caja@napa.test")

    change(company, None)
    assert company.payment_instructions_since is None
    assert tell_everybody() == 0
    change(company, NEW)
    assert tell_everybody() == 1


def test_C_10_of_several_changes_the_last_is_told(company: Organization) -> None:
    make_contact(make_invoiced(), email="caja@napa.test")
    change(company, "Banco Tres")
    change(company, NEW)

    assert tell_everybody() == 1
    assert tell_everybody() == 0


def test_C_10_what_was_taken_away_before_it_was_told_is_told_to_nobody(
    company: Organization,
) -> None:
    make_contact(make_invoiced(), email="caja@napa.test")
    change(company, NEW)
    change(company, None)

    assert tell_everybody() == 0
    change(company, FORMER)
    assert tell_everybody() == 1


def test_C_10_an_address_that_is_none_stops_nobody(company: Organization) -> None:
    make_contact(make_invoiced(), email="sin arroba")
    make_contact(make_invoiced(), email="caja@napa.test")
    change(company, NEW)

    assert tell_everybody() == 1

    assert recipients() == ["caja@napa.test"]


def test_C_10_it_goes_on_where_it_stopped(
    company: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that dies between two batches loses nobody and writes to nobody twice."""
    monkeypatch.setattr(payment_instructions, "CUSTOMERS_AT_ONCE", 2)
    for number in range(5):
        make_contact(make_invoiced(), email=f"caja{number}@napa.test")
    change(company, NEW)

    assert payment_instructions.tell_next_customers() == 2
    db.session.commit()
    payment_instructions.tell_next_customers()
    db.session.rollback()  # it died
    assert tell_everybody() == 3

    assert recipients() == [f"caja{number}@napa.test" for number in range(5)]


def test_C_10_it_waits_for_an_account_that_can_send(organization: Organization) -> None:
    organization.payment_instructions = FORMER
    make_contact(make_invoiced(), email="caja@napa.test")
    db.session.commit()
    change(organization, NEW)
    assert tell_everybody() == 0

    make_mail_account()
    db.session.commit()
    assert tell_everybody() == 1


def test_C_10_each_company_writes_to_its_own(company: Organization) -> None:
    make_contact(make_invoiced(), email="caja@napa.test")
    other = make_organization(payment_instructions=FORMER)
    with acting_in(other.id):
        make_mail_account()
        make_contact(make_invoiced(), email="otra@x.test")
        db.session.commit()
    change(other, NEW)

    assert tell_everybody() == 1

    assert recipients() == []
    with acting_in(other.id):
        assert recipients() == ["otra@x.test"]


def test_C_10_an_older_change_is_not_told_while_another_worker_tells_the_newest(
    company: Organization, superuser_dsn: str
) -> None:
    make_contact(make_invoiced(), email="caja@napa.test")
    change(company, "Banco Tres")
    change(company, NEW)
    newest = db.session.scalar(select(func.max(InstructionsChange.id)))

    with psycopg.connect(superuser_dsn) as beside:
        beside.execute("SELECT FROM payment_instructions_change WHERE id = %s FOR UPDATE", [newest])
        db.session.execute(text("SET LOCAL lock_timeout = '200ms'"))
        with pytest.raises(OperationalError, match="lock timeout"):
            tell_next_customers()
        db.session.rollback()

    assert recipients() == []
    assert tell_everybody() == 1
