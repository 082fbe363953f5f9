"""What stands around the messages of an account, and which level says so (S4-18 to S4-24, X4-10)."""

import pytest
from sqlalchemy import select

from errors import Conflict, Invalid
from mail.headers import Mailbox
from mail.markup import Flaw
from mail.reading import read_message
from models.base import db
from models.mailbox.letterhead import Letterhead
from models.mailings.anomaly import AnomalyKind, MailingAnomaly
from models.mailings.delivery import Delivery, DeliveryBody, DeliveryKind
from models.people.organization import Department, Organization
from models.people.user import User
from models.tenancy import Actor, Scope, acting_in, enter
from services.mailbox.letterhead_preview import send_example
from services.mailbox.letterhead_saving import check_account_words, save_letterhead
from services.mailbox.letterheads import Letterheads, Level, LevelKind, Words, around, level_of_user
from services.mailings.notices import Notice, email
from services.mailings.register import check_mailing, register_mailing
from services.sales.pdf import Workshop
from settings import Settings
from tests.factories.accounts import (
    make_colleague,
    make_department,
    make_letterhead,
    make_own_account,
)
from tests.factories.mailings import make_draft
from tests.factories.people import make_mail_account, make_organization

COMPANY = Level(LevelKind.ORGANIZATION)


@pytest.fixture
def ventas(organization: Organization) -> Department:
    return make_department("Ventas")


@pytest.fixture
def ana(organization: Organization, ventas: Department) -> User:
    """She works in a department below Ventas."""
    north = make_department("Norte", parent=ventas)
    return make_colleague(
        organization, "Ana Peña", department=north, position="Cobranzas", phone="+57 601 555 0187"
    )


def test_each_text_comes_from_the_innermost_level_that_says_one(
    ana: User, ventas: Department
) -> None:
    """X4-10: organization > department > user, text by text."""
    make_letterhead(header_html="of all", signature_html="of all", footer_html="of all")
    make_letterhead(department=ventas, signature_html="of Ventas", footer_html="of Ventas")
    make_letterhead(user=ana, footer_html="of Ana")

    found = around(make_own_account(ana, "ana@acme.com"))

    assert found.texts == ("of all", "of Ventas", "of Ana")
    assert found.header.level == COMPANY
    assert found.signature.level == Level(LevelKind.DEPARTMENT, ventas.id, "Ventas")
    assert found.footer.level == level_of_user(ana)


def test_what_the_account_says_goes_before_all(ana: User) -> None:
    """X4-10: the innermost level is the account."""
    make_letterhead(user=ana, signature_html="of Ana")

    account = make_own_account(ana, "ana@acme.com", signature_html="of the account")

    assert around(account).signature.text == "of the account"


def test_an_empty_text_is_nothing_whatever_stands_above(ana: User) -> None:
    """X4-10: None inherits, an empty text does not."""
    make_letterhead(signature_html="of all", footer_html="of all", footer_in_replies=True)
    make_letterhead(user=ana, signature_html="", footer_in_replies=False)

    found = around(make_own_account(ana, "ana@acme.com"))

    assert found.texts == ("", "", "of all")
    assert found.footer_in_replies is False


def test_an_account_of_nobody_has_what_the_organization_says(ana: User) -> None:
    """X4-10: account > organization."""
    make_letterhead(signature_html="of all")
    make_letterhead(user=ana, signature_html="of Ana")

    assert around(make_mail_account()).signature.text == "of all"


def test_another_organization_says_nothing_here(ana: User) -> None:
    make_letterhead(signature_html="of all")
    elsewhere = make_organization()
    db.session.commit()

    with acting_in(elsewhere.id):
        assert around(make_mail_account()).texts == ("", "", "")


def act_as(user: User, organization_id: int) -> None:
    """Nobody else sends as their address."""
    actor = Actor(kind="user", id=user.id, name=user.name)
    enter(Scope(organization_id=organization_id, actor=actor))


def html_of(delivery_id: int) -> str:
    return read_message(db.session.get_one(DeliveryBody, delivery_id).head).html


def test_mailings_carry_the_texts_of_their_sender(ana: User, settings: Settings) -> None:
    """S4-18: with the fields of who writes, as frozen."""
    make_letterhead(
        signature_html="<p>{{ user.name }} · {{ user.position }} · {{ user.email }}</p>"
    )
    mailing = make_draft(customers=1, account=make_own_account(ana, "ana@acme.com"))
    act_as(ana, mailing.organization_id)

    register_mailing(mailing, Workshop(settings.files_url, settings.public_base_url))

    (delivery,) = db.session.scalars(select(Delivery).where(Delivery.mailing_id == mailing.id))
    assert "<p>Ana Peña · Cobranzas · ana@acme.com</p>" in html_of(delivery.id)


def test_a_shared_account_speaks_of_itself_and_its_company(
    organization: Organization, settings: Settings
) -> None:
    """S4-18: no name of a person; what stays empty is worth a look."""
    organization.phone = "+57 601 555 0100"
    make_letterhead(signature_html="<p>{{ user.name }}, {{ user.phone }}, {{ user.position }}.</p>")
    mailing = make_draft(customers=1, account=make_mail_account(display_name="Cobranzas"))

    register_mailing(mailing, Workshop(settings.files_url, settings.public_base_url))

    (delivery,) = db.session.scalars(select(Delivery).where(Delivery.mailing_id == mailing.id))
    assert "<p>Cobranzas, +57 601 555 0100, .</p>" in html_of(delivery.id)
    odd = db.session.scalars(
        select(MailingAnomaly).where(MailingAnomaly.kind == AnomalyKind.EMPTY_FIELD)
    ).all()
    assert [each.detail for each in odd] == [{"field": "user.position"}]


def test_a_broken_text_of_a_level_stops_registering_with_its_line(ana: User) -> None:
    """S4-18: an unknown field is told before anything is frozen."""
    make_letterhead(signature_html="<p>\n{{ user.nombre }}</p>")
    mailing = make_draft(customers=1, account=make_own_account(ana, "ana@acme.com"))
    act_as(ana, mailing.organization_id)

    (problem,) = check_mailing(mailing)

    assert problem.field == "account_id"
    assert "2" in problem.message


@email("staff-invitation")
def invited() -> Notice:
    return Notice(
        cause="test",
        to=Mailbox("zoe@example.com", "Zoë"),
        lang="es",
        values={
            "name": "{{ user.name }}",
            "organization": "Acme",
            "link": "https://x.example",
            "email": "zoe@example.com",
            "days": 2,
        },
    )


def test_notices_carry_them_too_and_what_is_filled_in_is_no_template(ana: User) -> None:
    """X4-10: what Ventanilla writes itself looks like the company."""
    make_letterhead(header_html="<h1>{{ organization.name }}</h1>", footer_html="<p>Pie</p>")

    key = invited(make_mail_account())

    assert key is not None
    read = read_message(db.session.get_one(DeliveryBody, key).head)
    assert read.html.count("<html") == 1
    assert "<p>Pie</p>" in read.html
    assert "Hola, {{ user.name }}:" in read.text


def test_a_notice_leaves_whatever_is_wrong_with_the_texts(organization: Organization) -> None:
    make_letterhead(header_html="{{ nothing.like_that }}")

    key = invited(make_mail_account())

    assert key is not None
    assert "nothing.like_that" not in html_of(key)


def test_what_a_level_says_is_saved_and_given_up_again(ventas: Department) -> None:
    """S4-18, S4-19: as a department's default."""
    level = Level(LevelKind.DEPARTMENT, ventas.id, "Ventas")

    save_letterhead(level, Words(signature_html="<p>Ventas</p>"), version=0)
    said = db.session.scalars(select(Letterhead)).one()
    assert said.signature_html == "<p>Ventas</p>"

    save_letterhead(level, Words(), version=said.version)
    assert Letterheads().at(level).texts == ("", "", "")


def test_the_second_saver_is_told(organization: Organization) -> None:
    """S4-19: nobody's texts are written over unseen."""
    save_letterhead(COMPANY, Words(header_html="a"), version=0)

    with pytest.raises(Conflict):
        save_letterhead(COMPANY, Words(header_html="b"), version=0)


def test_the_default_domain_of_the_level_stays(organization: Organization) -> None:
    """S4-17, S4-19: the texts are saved apart."""
    said = make_letterhead(default_domain="acme.com")

    save_letterhead(COMPANY, Words(header_html="a"), version=said.version)

    assert said.default_domain == "acme.com"


@pytest.mark.parametrize(
    "text", ["x" * 100_001, "<b>" * 3_000, "{{ user.nombre }}", "{{ user.name", "<div>" * 200]
)
def test_what_cannot_stand_there_is_refused_with_its_field(
    organization: Organization, text: str
) -> None:
    """S4-18: too long, too deep, no field."""
    with pytest.raises(Invalid) as told:
        save_letterhead(COMPANY, Words(header_html=text), version=0)

    assert told.value.field == "header_html"


def test_two_megabytes_are_refused_with_the_limit(organization: Organization) -> None:
    """S4-23: 100 KB, and the sentence says so."""
    with pytest.raises(Invalid, match="100 KB"):
        save_letterhead(COMPANY, Words(signature_html="x" * 2_000_000), version=0)


def test_a_script_is_taken_out_and_told(organization: Organization) -> None:
    """S4-21."""
    removed = save_letterhead(
        COMPANY, Words(header_html="<p>a</p>\n<script>x()</script>"), version=0
    )

    assert [(each.found.flaw, each.found.line) for each in removed] == [(Flaw.REMOVED, 2)]
    assert db.session.scalars(select(Letterhead.header_html)).one() == "<p>a</p>\n"


def test_the_texts_of_an_account_obey_the_same_rules(organization: Organization) -> None:
    """S4-18, S4-21: fields, length, scripts."""
    account = make_mail_account(header_html="<p>a</p><script>x()</script>")

    check_account_words(account)

    assert account.header_html == "<p>a</p>"
    account.footer_html = "{{ user.nombre }}"
    with pytest.raises(Invalid):
        check_account_words(account)


def test_a_company_as_other_products_name_it_is_pointed_to_ours(organization: Organization) -> None:
    with pytest.raises(Invalid, match=r"organization\.name"):
        save_letterhead(COMPANY, Words(header_html="{{ company.name }}"), version=0)


def test_a_test_goes_to_an_address_of_ours(ana: User) -> None:
    """X4-10: through the ledger, as any other message."""
    make_letterhead(signature_html="<p>{{ user.name }}</p>")
    account = make_own_account(ana, "ana@acme.com")

    key = send_example(Letterheads().around(account), ana, "qa@acme.test")

    delivery = db.session.get_one(Delivery, key)
    assert (delivery.kind, delivery.account_id) == (DeliveryKind.TEST, account.id)
    assert "<p>Ana Peña</p>" in html_of(key)


@pytest.mark.parametrize("address", ["", "nobody", "a@b\r\nBcc: c@d.e"])
def test_a_test_needs_an_address(ana: User, address: str) -> None:
    make_own_account(ana, "ana@acme.com")

    with pytest.raises(Invalid):
        send_example(Letterheads().at(COMPANY), ana, address)
