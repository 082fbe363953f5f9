"""What is deleted between two steps of a mailing: each step says in a sentence what it meets, and the counts stay true.

Between draft and register, register and start, start and end: customer, contact, address, document, account, saved text,
group, and the user who registered (pains B-1, B-3, B-11).
"""

import html
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from flask_babel import force_locale
from sqlalchemy import delete, func, select, update

from errors import Invalid
from models.base import db, utc_now
from models.mailbox.mail_account import MailAccount
from models.mailings.delivery import Delivery, DeliveryState
from models.mailings.mailing import AudienceMode, Mailing, MailingAudience, MailingRange
from models.mailings.mailing_state import MailingState
from models.mailings.message_template import MessageTemplate
from models.people.contact import Contact, ContactEmail, CustomerContact
from models.people.customer import Customer
from models.people.customer_group import CustomerGroup
from models.people.membership import UserMembership
from models.people.organization import Organization
from models.people.user import User
from models.sales.document import Document
from models.sales.document_state import DocumentState
from models.system.audit_event import AuditEvent
from services.mailings.flow import schedule, start
from services.mailings.progress import progress_of
from services.mailings.reaper import start_scheduled
from services.mailings.register import register_mailing
from services.mailings.registration import ask_to_register, carry_out
from services.mailings.verify import verify_mailing
from services.sales.pdf import Workshop
from settings import Settings
from tests.admin_views.conftest import SignIn
from tests.factories.mailings import make_draft
from tests.factories.people import make_contact, make_customer, make_mail_account, make_user
from tests.factories.sales import make_document
from tests.factories.saving import saved
from tests.servers.sender_process import is_under_way, make_dispatch
from tests.servers.smtp_server import RecordingSmtpServer

SCREENS: dict[str, Any] = {
    "customer": Customer,
    "contact": Contact,
    "document": Document,
    "mail_account": MailAccount,
    "message_template": MessageTemplate,
    "customer_group": CustomerGroup,
    "user": User,
}
NEEDED = {"customer", "contact", "document", "mail_account", "customer_group"}
STEPS = ("draft", "registered", "sending")


class Case:
    """A mailing for one group of two customers, by somebody who may leave."""

    def __init__(self, organization: Organization, settings: Settings, port: int) -> None:
        self.settings = settings
        self.group = saved(CustomerGroup(code="MAY", name="Mayoristas"))
        self.text = saved(MessageTemplate(code="Aviso", subject="S", body_html="<p>B</p>"))
        self.clerk = make_user(organization, role="clerk")
        self.clerk_id = self.clerk.id
        self.customers = [make_customer(customer_group_id=self.group.id) for _n in range(2)]
        self.contacts = [make_contact(customer) for customer in self.customers]
        self.documents = [make_document(customer) for customer in self.customers]
        self.account = make_mail_account(smtp_port=port, connections=1)
        self.mailing = make_draft(
            account=self.account,
            ranges=[MailingRange(series="FV")],
            audience=[MailingAudience(mode=AudienceMode.GROUPS, ref_ids=[self.group.id])],
        )
        self.mailing.register_asked_by_id = self.clerk.id
        db.session.commit()

    def thing(self, name: str) -> Any:
        return {
            "customer": self.customers[0],
            "contact": self.contacts[0],
            "document": self.documents[0],
            "mail_account": self.account,
            "message_template": self.text,
            "customer_group": self.group,
            "user": self.clerk,
        }[name]

    def register(self) -> None:
        shop = Workshop(files_url=self.settings.files_url, base_url="http://localhost", processes=1)
        register_mailing(self.mailing, shop)
        self.mailing = db.session.get_one(Mailing, self.mailing.id, populate_existing=True)
        self.mailing.registered_by_id = self.clerk_id
        db.session.commit()

    def start(self) -> None:
        start(self.mailing.id)
        db.session.commit()

    def finish(self) -> None:
        db.session.commit()
        make_dispatch(self.settings).work(stays=is_under_way, seconds=30)
        db.session.rollback()
        self.mailing = db.session.get_one(Mailing, self.mailing.id, populate_existing=True)

    def up_to(self, step: str) -> None:
        steps = {"registered": (self.register,), "sending": (self.register, self.start)}
        for each in steps.get(step, ()):
            each()

    def go_on(self, step: str) -> None:
        for each in {"draft": (self.register, self.start), "registered": (self.start,)}.get(
            step, ()
        ):
            each()
        self.finish()


@pytest.fixture
def server() -> Any:
    with RecordingSmtpServer() as one:
        yield one


@pytest.fixture
def case(organization: Organization, settings: Settings, server: RecordingSmtpServer) -> Case:
    return Case(organization, settings, server.port)


@pytest.fixture
def admin(sign_in: SignIn) -> FlaskClient:
    return sign_in(lang="es", is_global_admin=True)


def delete_on_screen(client: FlaskClient, name: str, record: Any) -> tuple[int, str]:
    key, version = record.id, getattr(record, "version", "")
    screen = "invoice" if name == "document" else name
    question = client.get(f"/admin/{screen}/delete/confirm/?id={key}")
    assert question.status_code == 200, name
    answer = client.post(f"/admin/{screen}/delete/", data={"id": key, "v": version})
    return answer.status_code, html.unescape(answer.text)


def pages_of(case: Case) -> list[str]:
    base = f"/mailings/{case.mailing.public_id}"
    pages = ["/mailings/", f"/mailings/?mailing={case.mailing.public_id}", f"{base}/chosen"]
    if case.mailing.state is MailingState.DRAFT:
        return [*pages, f"{base}/edit"]
    pages += [f"{base}/{page}" for page in ("gallery", "recipients", "invoices", "test", "why")]
    pages += [f"{base}/why/m{key}" for key in db.session.scalars(select(Delivery.id))]
    return [*pages, f"{base}/recipients/export?format=csv", f"{base}/progress"]


def all_pages_open(client: FlaskClient, case: Case) -> None:
    for page in pages_of(case):
        assert client.get(page).status_code in (200, 204, 286), page


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("name", SCREENS)
def test_each_step_goes_on_or_says_why(
    admin: FlaskClient, case: Case, server: RecordingSmtpServer, name: str, step: str
) -> None:
    """B-11: nothing ends in an error page, nothing is counted that is not there."""
    case.up_to(step)
    if name == "user":
        db.session.execute(delete(UserMembership).where(UserMembership.user_id == case.clerk.id))
        db.session.commit()
    status, page = delete_on_screen(admin, name, case.thing(name))
    is_kept = name in NEEDED and (name, step) != ("contact", "draft")
    assert status == (409 if is_kept else 302), page[-500:]
    db.session.expire_all()
    all_pages_open(admin, case)

    case.go_on(step)

    assert case.mailing.state is MailingState.FINISHED
    expected = 1 if (name, step) == ("contact", "draft") else 2
    assert progress_of(case.mailing).tally.sent == len(server.accepted) == expected
    assert all(verify_mailing(case.mailing).values())
    all_pages_open(admin, case)


@pytest.mark.parametrize("step", STEPS)
def test_an_address_that_is_gone_is_missed_only_before_it_is_registered(
    admin: FlaskClient, case: Case, server: RecordingSmtpServer, step: str
) -> None:
    """B-3, decision 0012: what was registered leaves as it was; before, the contact is left out with its reason."""
    case.up_to(step)
    db.session.execute(delete(ContactEmail).where(ContactEmail.contact_id == case.contacts[0].id))
    db.session.commit()
    all_pages_open(admin, case)

    case.go_on(step)

    expected = 1 if step == "draft" else 2
    assert case.mailing.state is MailingState.FINISHED
    assert progress_of(case.mailing).tally.sent == len(server.accepted) == expected
    assert db.session.scalar(select(func.count()).select_from(DeliveryState)) == expected
    all_pages_open(admin, case)


@pytest.mark.parametrize("name", ["customer", "contact", "customer_group"])
@pytest.mark.parametrize(("lang", "words"), [("es", "ninguno es de"), ("en", "none is of")])
def test_a_draft_for_somebody_who_is_gone_says_so(
    admin: FlaskClient, case: Case, name: str, lang: str, words: str
) -> None:
    """B-12: not that the range is empty, which it is not."""
    customer, group = make_customer(), saved(CustomerGroup(code="MIN", name="Minoristas"))
    contact = make_contact(customer)
    things = {"customer": customer, "contact": contact, "customer_group": group}
    modes = {
        "customer": AudienceMode.CUSTOMERS,
        "contact": AudienceMode.CONTACTS,
        "customer_group": AudienceMode.GROUPS,
    }
    case.mailing.audience = [MailingAudience(mode=modes[name], ref_ids=[things[name].id])]
    db.session.execute(delete(CustomerContact).where(CustomerContact.contact_id == contact.id))
    db.session.commit()
    status, page = delete_on_screen(admin, name, things[name])
    assert status == 302, page[-500:]
    db.session.expire_all()
    all_pages_open(admin, case)

    with force_locale(lang), pytest.raises(Invalid) as refused:
        case.register()

    assert words in refused.value.message


def test_a_draft_document_that_a_draft_names_may_go(admin: FlaskClient, case: Case) -> None:
    """B-12: what is left of the range goes."""
    document = make_document(case.customers[0], state=DocumentState.DRAFT)
    keys = [document.id, *(each.id for each in case.documents)]
    case.mailing.ranges = [MailingRange(document_ids=keys)]
    db.session.commit()
    status, page = delete_on_screen(admin, "document", document)
    assert status == 302, page[-500:]
    db.session.expire_all()
    all_pages_open(admin, case)

    case.register()

    assert db.session.scalar(select(func.count()).select_from(Delivery)) == 2


@pytest.mark.parametrize(("lang", "words"), [("es", "ya no es"), ("en", "is not a user any more")])
def test_nothing_leaves_by_time_in_the_name_of_a_deleted_user(
    admin: FlaskClient, case: Case, lang: str, words: str
) -> None:
    """X4-08: whoever is gone may use less than whoever has left; the mailing waits for somebody."""
    case.register()
    schedule(case.mailing.id, utc_now() + timedelta(hours=1))
    db.session.execute(update(Mailing).values(scheduled_at=utc_now()))
    db.session.execute(delete(UserMembership).where(UserMembership.user_id == case.clerk.id))
    db.session.commit()
    assert delete_on_screen(admin, "user", case.clerk)[0] == 302
    db.session.expire_all()

    with force_locale(lang):
        assert start_scheduled() == 0

    mailing = db.session.get_one(Mailing, case.mailing.id, populate_existing=True)
    assert mailing.state is MailingState.REGISTERED
    reasons = db.session.scalars(select(AuditEvent.reason).where(AuditEvent.action == "unschedule"))
    assert [words in str(reason) for reason in reasons] == [True]
    all_pages_open(admin, case)


def test_nothing_is_registered_for_a_deleted_user(case: Case, settings: Settings) -> None:
    """S1-11: the draft says so and waits."""
    ask_to_register(case.mailing)
    case.mailing.register_asked_by_id = 987_654_321
    db.session.commit()

    carry_out(case.mailing.id, Workshop(files_url=settings.files_url, base_url="http://localhost"))

    mailing = db.session.get_one(Mailing, case.mailing.id, populate_existing=True)
    assert mailing.state is MailingState.DRAFT
    assert "ya no es" in str(mailing.register_error)
