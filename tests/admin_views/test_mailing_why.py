"""Why somebody did not receive it: every cause that exists is named, with what cures it (N-01, X1-05)."""

import html
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from models.base import db, utc_now
from models.mailbox.mail_account import MailAccount
from models.mailings.delivery import Delivery, DeliveryState, DeliveryStatus
from models.mailings.mailing import AudienceMode, Mailing, MailingAudience, MailingRange
from models.mailings.mailing_exclusion import MailingExclusion
from models.mailings.mailing_state import MailingState
from models.mailings.reason import ReasonCode
from models.mailings.suppression import Suppression
from models.people.contact import AddressState, Contact, ContactEmail, CopyMode
from models.people.customer import Customer
from models.people.organization import Organization
from models.sales.document import Document
from models.sales.document_state import DocumentState
from services.mailings.cures import Cure
from services.mailings.reasons import REASONS
from services.mailings.register import register_mailing
from services.sales.pdf import Workshop
from settings import Settings
from tests.admin_views.conftest import SignIn
from tests.factories.mailings import make_draft
from tests.factories.people import make_contact, make_customer
from tests.factories.sales import make_document

_R = ReasonCode


@dataclass
class World:
    """A customer with a document, and what to change before and after the mailing is registered."""

    customer: Customer
    contact: Contact | None
    document: Document
    fields: dict[str, Any] = field(default_factory=dict)

    def email(self) -> ContactEmail:
        assert self.contact
        return self.contact.emails[0]


Seed = Callable[[World], None]


def no_address(world: World) -> None:
    assert world.contact
    world.contact.emails.clear()


def address_is(state: AddressState) -> Seed:
    def seed(world: World) -> None:
        world.email().state = state

    return seed


def suppressed(world: World) -> None:
    db.session.add(Suppression(address_norm=world.email().address_norm))


def no_role(world: World) -> None:
    world.fields["audience"] = [MailingAudience(mode=AudienceMode.ROLES, roles=["approver"])]


def inactive(world: World) -> None:
    assert world.contact
    world.contact.is_active = False


def portal_only(world: World) -> None:
    assert world.contact
    world.contact.customers[0].cc_mode = CopyMode.NONE


def document_is(state: DocumentState) -> Seed:
    def seed(world: World) -> None:
        world.document.state = state

    return seed


def out_of_range(world: World) -> None:
    world.document.series = "ZZ"


def on_hold(world: World) -> None:
    world.customer.on_hold = True


def same_address_twice(world: World) -> None:
    address = world.email().address
    world.contact = make_contact(world.customer, email=address, is_primary=False)


def other_language(world: World) -> None:
    assert world.contact
    world.contact.lang = "en"
    world.fields["needs_own_language"] = True


def excluded_as(reason: ReasonCode) -> Seed:
    """Causes that belong to a moment of registering; the row is what it leaves behind."""

    def seed(world: World) -> None:
        world.fields["excluded"] = reason

    return seed


def row(state: DeliveryStatus, reason: ReasonCode, **values: Any) -> Seed:
    def seed(world: World) -> None:
        world.fields["row"] = {"state": state, "reason_code": reason, **values}

    return seed


def account(**values: Any) -> Seed:
    """The mailing is being sent and its account keeps the message back."""

    def seed(world: World) -> None:
        world.fields |= {"account_values": values, "mailing_state": MailingState.SENDING}
        world.fields["row"] = {"state": DeliveryStatus.QUEUED}

    return seed


def stopped(world: World) -> None:
    world.fields["mailing_state"] = MailingState.STOPPED


FAILED = DeliveryStatus.FAILED
CAUSES: list[tuple[ReasonCode, Seed, Cure | None]] = [
    (_R.NO_ADDRESS, no_address, Cure.ADD_ADDRESS),
    (_R.INVALID_ADDRESS, address_is(AddressState.INVALID), Cure.CORRECT_ADDRESS),
    (_R.SUPPRESSED, suppressed, Cure.FREE_ADDRESS),
    (_R.BOUNCED_BEFORE, address_is(AddressState.BOUNCED), Cure.CORRECT_ADDRESS),
    (_R.NO_ROLE, no_role, Cure.GIVE_ROLE),
    (_R.CONTACT_INACTIVE, inactive, Cure.ACTIVATE_CONTACT),
    (_R.PORTAL_ONLY, portal_only, Cure.WRITE_AGAIN),
    (_R.DOCUMENT_NOT_POSTED, document_is(DocumentState.DRAFT), Cure.POST_DOCUMENT),
    (_R.DOCUMENT_VOID, document_is(DocumentState.VOID), None),
    (_R.DOCUMENT_EXCLUDED, out_of_range, Cure.SEND_NOW),
    (_R.DUPLICATE_RECIPIENT, same_address_twice, None),
    (_R.OVER_SIZE, excluded_as(_R.OVER_SIZE), Cure.SEND_NOW),
    (_R.LANGUAGE_MISSING, other_language, Cure.ANY_LANGUAGE),
    (_R.RENDER_ERROR, excluded_as(_R.RENDER_ERROR), Cure.SEND_NOW),
    (_R.ACCOUNT_DISABLED, account(is_active=False), Cure.OPEN_ACCOUNT),
    (_R.FROM_NOT_ALLOWED, account(paused_reason="from_not_allowed"), Cure.OPEN_ACCOUNT),
    (_R.AUTH_FAILED, account(paused_reason="auth_failed"), Cure.OPEN_ACCOUNT),
    (_R.CONSENT_LOST, account(paused_reason="consent_lost"), Cure.OPEN_ACCOUNT),
    (_R.TLS_FAILED, account(paused_reason="tls_failed"), Cure.OPEN_ACCOUNT),
    (_R.CONNECT_FAILED, account(paused_reason="connect_failed"), Cure.OPEN_ACCOUNT),
    (_R.THROTTLED, account(paused_reason="throttled"), None),
    (_R.RECIPIENT_REJECTED, row(FAILED, _R.RECIPIENT_REJECTED), Cure.CORRECT_ADDRESS),
    (_R.CONTENT_REJECTED, row(FAILED, _R.CONTENT_REJECTED), Cure.RESEND),
    (_R.QUOTA, row(FAILED, _R.QUOTA), Cure.RETRY),
    (_R.STOPPED, stopped, Cure.START),
    (_R.CANCELLED, row(DeliveryStatus.CANCELLED, _R.CANCELLED), None),
    (
        _R.CRASH_IN_DATA,
        row(DeliveryStatus.UNCONFIRMED, _R.CRASH_IN_DATA),
        Cure.SETTLE_SENT,
    ),
    (_R.MANUAL, row(DeliveryStatus.CANCELLED, _R.MANUAL, reason_detail="t@example.com"), None),
    (_R.ON_HOLD, on_hold, Cure.END_HOLD),
]


@pytest.fixture
def clerk(sign_in: SignIn) -> FlaskClient:
    return sign_in("clerk", lang="es")


@pytest.fixture
def register(
    organization: Organization, settings: Settings
) -> Callable[[Seed], tuple[Mailing, World]]:
    """Register a mailing for a customer whom the seed has prepared, beside one who gets it."""

    def registered(seed: Seed) -> tuple[Mailing, World]:
        other = make_customer()
        make_contact(other, roles=("billing", "approver"))
        make_document(other)
        customer = make_customer(name="Almacenes Güemes")
        contact = make_contact(customer, email="pagos@guemes.test", name="Ramón Güemes")
        world = World(customer, contact, make_document(customer, state=DocumentState.DRAFT))
        world.document.state = DocumentState.POSTED
        seed(world)
        db.session.flush()
        later = {
            name: world.fields.pop(name, None)
            for name in ("excluded", "row", "account_values", "mailing_state")
        }
        needs_own_language = world.fields.pop("needs_own_language", False)
        mailing = _registered(settings, world, needs_own_language=needs_own_language)
        _afterwards(mailing, world, later)
        db.session.commit()
        return mailing, world

    return registered


def _registered(settings: Settings, world: World, *, needs_own_language: bool) -> Mailing:
    draft = make_draft(ranges=[MailingRange(series="FV")], **world.fields)
    draft.needs_own_language = needs_own_language
    db.session.flush()
    register_mailing(draft, Workshop(files_url=settings.files_url, base_url="http://localhost"))
    return draft


def _afterwards(mailing: Mailing, world: World, later: dict[str, Any]) -> None:
    if later["excluded"] is not None:
        ours = select(Delivery.id).where(Delivery.customer_id == world.customer.id)
        for delivery in db.session.scalars(select(Delivery).where(Delivery.id.in_(ours))):
            db.session.delete(delivery)
        db.session.add(
            MailingExclusion(
                mailing_id=mailing.id,
                customer_id=world.customer.id,
                contact_id=world.contact.id if world.contact else None,
                reason_code=later["excluded"],
            )
        )
    if later["row"] is not None:
        key = select(Delivery.id).where(Delivery.customer_id == world.customer.id)
        db.session.execute(
            update(DeliveryState)
            .where(DeliveryState.delivery_id.in_(key))
            .values(**later["row"])
            .execution_options(synchronize_session=False)
        )
    if later["account_values"] is not None:
        db.session.execute(
            update(MailAccount)
            .where(MailAccount.id == mailing.account_id)
            .values(**later["account_values"])
            .execution_options(synchronize_session=False)
        )
    if later["mailing_state"] is not None:
        db.session.execute(
            update(Mailing)
            .where(Mailing.id == mailing.id)
            .values(state=later["mailing_state"], started_at=utc_now())
            .execution_options(synchronize_session=False)
        )


def asked(client: FlaskClient, mailing: Mailing, world: World) -> str:
    """The document's page, or the contact's own line where the document went to another contact."""
    line = select(MailingExclusion.id).where(
        MailingExclusion.reason_code == ReasonCode.DUPLICATE_RECIPIENT
    )
    exclusion = db.session.scalar(line)
    key = f"x{exclusion}" if exclusion else f"c{world.customer.id}-{world.document.id}"
    return html.unescape(client.get(f"/mailings/{mailing.public_id}/why/{key}").text)


def test_every_code_has_a_cause_here() -> None:
    assert {reason for reason, _seed, _cure in CAUSES} == set(ReasonCode)


@pytest.mark.parametrize(
    ("reason", "seed", "cure"), CAUSES, ids=[reason.value for reason, _seed, _cure in CAUSES]
)
def test_the_page_names_the_cause_and_its_cure(
    clerk: FlaskClient,
    register: Callable[[Seed], tuple[Mailing, World]],
    reason: ReasonCode,
    seed: Seed,
    cure: Cure | None,
) -> None:
    """N-01, X1-05: for each seeded cause the page names that cause, and offers what cures it."""
    mailing, world = register(seed)

    page = asked(clerk, mailing, world)

    assert str(REASONS[reason]) in page
    buttons = page.partition("Qué puede hacer")[2]
    links = {Cure.OPEN_ACCOUNT: "Abrir la cuenta", Cure.START: "Iniciar o reanudar"}
    expected = links.get(cure, f'value="{cure.value}"') if cure else ""
    assert expected in buttons
    assert "Almacenes Güemes" in page
