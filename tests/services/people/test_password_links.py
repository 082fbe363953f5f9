"""Links by which staff set a password: one use, hash only, and the e-mail that brings them."""

import contextvars
import re
import threading
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from errors import Conflict, Invalid, NotFound
from mail.mime import unstuffed
from models.base import db
from models.mailings.delivery import Delivery, DeliveryBody, DeliveryKind, DeliveryState
from models.people.organization import Organization
from models.people.password_link import PasswordLink, PasswordRequest
from models.people.user import User
from models.people.user_session import UserSession
from models.system.audit_event import AuditEvent
from models.tenancy import Scope, enter
from services.mailings.sealed_head import open_head
from services.people.password_links import invite, link_with_token, offer_reset, use_link
from services.people.password_requests import answer_requests, note_request
from services.people.passwords import password_fits
from services.people.sign_in import open_session
from settings import Settings
from tests.factories.people import make_mail_account, make_organization, make_user
from tests.servers.sender_process import make_dispatch
from tests.servers.smtp_server import RecordingSmtpServer

BASE = "https://window.example"
NEW = "another long pass phrase"
SNAPSHOTS = Path(__file__).parent / "snapshots"


@pytest.fixture
def newcomer(organization: Organization) -> User:
    user = make_user(organization, password_hash=None, name="Zoë Núñez", email="zoe@example.com")
    db.session.commit()
    return user


def token_of(url: str) -> str:
    return url.removeprefix(f"{BASE}/password/")


def stored_text() -> str:
    """The only message of the ledger as its reader sees it."""
    recipient, head = db.session.execute(
        select(Delivery.recipient, DeliveryBody.head).join(
            DeliveryBody, DeliveryBody.delivery_id == Delivery.id
        )
    ).one()
    message = message_from_bytes(unstuffed(open_head(head, recipient)), policy=policy.default)
    body = message.get_body(("plain",))
    assert body is not None
    text = "\n".join(body.get_content().splitlines())
    return f"Subject: {message['subject']}\nTo: {message['to']}\n\n{text}\n"


def test_an_invitation_is_a_link_whose_hash_alone_is_kept(newcomer: User) -> None:
    made = invite(newcomer, base_url=f"{BASE}/")

    row = db.session.scalars(select(PasswordLink)).one()
    token = token_of(made.url)
    assert len(token) == 43
    assert token not in row.token_hash and len(row.token_hash) == 64
    assert timedelta(days=6, hours=23) < row.ends_at - datetime.now(UTC) <= timedelta(days=7)
    assert token not in repr(made)


def test_the_link_sets_the_password_once(newcomer: User) -> None:
    token = token_of(invite(newcomer, base_url=BASE).url)
    _row, _token = open_session(newcomer, hours=1)

    use_link(token, NEW)
    db.session.commit()

    assert password_fits(newcomer, NEW)
    assert db.session.scalars(select(UserSession.revoked_at)).one() is not None
    with pytest.raises(NotFound):
        use_link(token, "a third long pass phrase")


def test_a_password_that_will_not_do_leaves_the_link_good(newcomer: User) -> None:
    token = token_of(invite(newcomer, base_url=BASE).url)
    db.session.commit()

    with pytest.raises(Invalid):
        use_link(token, "short")
    db.session.rollback()

    assert link_with_token(token).user_id == newcomer.id


def test_of_many_at_once_one_uses_the_link(app: Flask, newcomer: User) -> None:
    token = token_of(invite(newcomer, base_url=BASE).url)
    db.session.commit()
    start, outcomes = threading.Barrier(4), []

    def use(number: int) -> None:
        with app.app_context():
            enter(Scope())
            start.wait()
            try:
                use_link(token, f"pass phrase number {number}")
                db.session.commit()
                outcomes.append("used")
            except NotFound:
                db.session.rollback()
                outcomes.append("refused")

    threads = [
        threading.Thread(target=contextvars.Context().run, args=(use, number))
        for number in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["refused", "refused", "refused", "used"]


def test_a_newer_invitation_takes_the_place_of_an_older_one(newcomer: User) -> None:
    older = token_of(invite(newcomer, base_url=BASE).url)
    newer = token_of(invite(newcomer, base_url=BASE).url)

    with pytest.raises(NotFound):
        link_with_token(older)
    assert link_with_token(newer).user_id == newcomer.id


def test_a_stranger_who_asks_for_a_reset_does_not_end_an_invitation(newcomer: User) -> None:
    invitation = token_of(invite(newcomer, base_url=BASE).url)
    reset = token_of(offer_reset(newcomer, base_url=BASE).url)

    use_link(invitation, NEW)

    with pytest.raises(NotFound):
        link_with_token(reset)


def test_it_grows_old_and_a_switched_off_user_has_none(newcomer: User) -> None:
    token = token_of(invite(newcomer, base_url=BASE).url)
    db.session.commit()

    with time_machine.travel(datetime.now(UTC) + timedelta(days=7, minutes=1), tick=True):
        with pytest.raises(NotFound):
            use_link(token, NEW)
    newcomer.is_active = False
    db.session.flush()
    with pytest.raises(NotFound):
        use_link(token, NEW)
    with pytest.raises(Conflict):
        offer_reset(newcomer, base_url=BASE)


def test_who_has_signed_in_is_not_invited(newcomer: User) -> None:
    newcomer.last_signed_in_at = datetime.now(UTC)

    with pytest.raises(Conflict):
        invite(newcomer, base_url=BASE)


def test_a_reset_opens_a_locked_door(newcomer: User) -> None:
    newcomer.locked_until = datetime.now(UTC) + timedelta(minutes=15)
    newcomer.failed_sign_ins = 9

    use_link(token_of(offer_reset(newcomer, base_url=BASE).url), NEW)

    assert not newcomer.is_locked


def test_without_a_mail_account_nothing_is_written_and_the_maker_is_told(newcomer: User) -> None:
    make_mail_account(is_active=False)
    make_mail_account().paused_reason = "auth_failed"

    assert invite(newcomer, base_url=BASE).sent_from is None
    assert db.session.scalar(select(func.count()).select_from(Delivery)) == 0


def test_the_ledger_keeps_the_link_sealed_and_the_audit_does_not_know_it(newcomer: User) -> None:
    """S4-02: neither the database nor its backup opens anybody's account."""
    account = make_mail_account()
    account.paused_reason = "throttled"
    account.paused_until = datetime.now(UTC) + timedelta(minutes=5)
    made = invite(newcomer, base_url=BASE)
    db.session.commit()

    delivery = db.session.scalars(select(Delivery)).one()
    head = db.session.scalars(select(DeliveryBody.head)).one()
    events = db.session.scalars(select(AuditEvent)).all()
    assert (made.sent_from, delivery.kind) == (account.address, DeliveryKind.NOTICE)
    assert b"window.example" not in head
    assert made.url in stored_text()
    assert all(token_of(made.url) not in f"{event.before}{event.after}" for event in events)
    assert "invite" in {event.action for event in events}


def test_the_message_and_its_cause_commit_together(newcomer: User) -> None:
    make_mail_account()
    db.session.commit()
    invite(newcomer, base_url=BASE)
    db.session.rollback()

    assert db.session.scalar(select(func.count()).select_from(Delivery)) == 0
    assert db.session.scalar(select(func.count()).select_from(PasswordLink)) == 0


@pytest.mark.parametrize("lang", ["es", "en"])
@pytest.mark.parametrize("make", [invite, offer_reset])
def test_every_email_matches_its_snapshot(newcomer: User, make: object, lang: str) -> None:
    organization = db.session.scalars(select(Organization)).one()
    organization.name = "Distribuidora Peñalba"
    newcomer.lang = lang
    make_mail_account()
    url = make(newcomer, base_url=BASE).url  # type: ignore[operator]

    written = stored_text().replace(token_of(url), "TOKEN")

    snapshot = SNAPSHOTS / f"{make.__name__}.{lang}.txt"  # type: ignore[attr-defined]
    assert written == snapshot.read_text()


def test_it_leaves_through_a_real_server_in_the_users_language(
    newcomer: User, settings: Settings
) -> None:
    with RecordingSmtpServer() as server:
        newcomer.lang = "en"
        make_mail_account(smtp_port=server.port)
        made = invite(newcomer, base_url=BASE)
        db.session.commit()
        make_dispatch(settings).work(seconds=20)

    message = message_from_bytes(server.accepted[0].raw, policy=policy.default)
    plain, rich = message.get_body(("plain",)), message.get_body(("html",))
    db.session.rollback()
    assert server.accepted[0].recipients == ["zoe@example.com"]
    assert plain is not None and made.url in plain.get_content()
    assert rich is not None and re.findall(r'href="([^"]+)"', rich.get_content()) == [made.url] * 2
    assert "Choose a password" in rich.get_content()
    assert message["Auto-Submitted"] == "auto-generated"
    assert db.session.scalars(select(DeliveryState.state)).one() == "sent"


def test_a_forgotten_password_is_answered_for_known_addresses_only(newcomer: User) -> None:
    make_mail_account()
    for address in ("nobody@example.com", "ZOE@example.com ", "zoe@example.com"):
        note_request(address)
    db.session.commit()
    enter(Scope())

    assert answer_requests(base_url=BASE) == 1

    enter(Scope(organization_id=db.session.scalars(select(Organization.id)).one()))
    assert db.session.scalars(select(PasswordRequest)).all() == []
    assert db.session.scalars(select(Delivery.recipient)).all() == ["zoe@example.com"]
    assert f"{BASE}/password/" in stored_text()


def test_the_answer_goes_through_an_organization_that_can_send(newcomer: User) -> None:
    other = make_organization(name="A company without mail")
    make_mail_account()
    newcomer.is_global_admin = True
    note_request(newcomer.email)
    db.session.commit()
    enter(Scope())

    assert answer_requests(base_url=BASE) == 1

    found = db.session.execute(select(Delivery.__table__.c.organization_id)).scalars().all()
    assert found != [other.id] and len(found) == 1


def test_nobody_sends_to_a_user_who_is_switched_off(newcomer: User) -> None:
    make_mail_account()
    newcomer.is_active = False
    note_request(newcomer.email)
    db.session.commit()

    assert answer_requests(base_url=BASE) == 0
    assert db.session.scalars(select(PasswordRequest)).all() == []


def test_an_address_that_cannot_be_written_to_holds_nobody_up(
    organization: Organization, newcomer: User
) -> None:
    make_mail_account()
    odd = make_user(organization, email=f"{'x' * 70}@example.com")
    db.session.commit()
    for address in (odd.email, newcomer.email):
        note_request(address)
    db.session.commit()

    assert answer_requests(base_url=BASE) == 1
    assert db.session.scalar(select(func.count()).select_from(PasswordRequest)) == 0
