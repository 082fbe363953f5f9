"""Customers who wait for an answer by e-mail (X3-06)."""

from datetime import timedelta

from models.base import db, utc_now
from models.people.organization import Organization
from tests.admin_views.conftest import SignIn
from tests.admin_views.mail_pages import key, rows_of
from tests.factories.mail_rows import make_mailbox, put
from tests.factories.people import make_contact, make_customer


def test_what_waits_for_an_answer_is_said_at_home_and_listed(
    sign_in: SignIn, organization: Organization
) -> None:
    """X3-06: an alarm for what a customer wrote last; gone with the answer."""
    box = make_mailbox()
    make_contact(make_customer(), email="sofia@lanapa.test")
    waits = put(box.inbox, sent_at=utc_now() - timedelta(days=3))
    put(box.inbox, sender=("", "otro@x.test"), sent_at=utc_now() - timedelta(days=3))
    db.session.commit()
    client = sign_in("clerk")

    assert "1 conversación por correo espera respuesta" in client.get("/").text
    listed = client.get("/mail/?only=unanswered").text
    assert rows_of(listed) == [key(waits)]
    assert client.get("/mail/?only=unanswered&folder=sent").status_code == 200
    put(box.sent, thread=waits.message.thread, sent_at=utc_now())
    db.session.commit()
    assert "only=unanswered" not in client.get("/").text
    assert "Aquí ningún cliente espera respuesta." in client.get("/mail/?only=unanswered").text


def test_one_mailbox_is_looked_at_and_another_waits(
    sign_in: SignIn, organization: Organization
) -> None:
    """X3-06: *Home* counts all that somebody may read; the list says when it shows one of several only."""
    box, other = make_mailbox(), make_mailbox()
    make_contact(make_customer(), email="sofia@lanapa.test")
    waits = put(other.inbox, sent_at=utc_now() - timedelta(days=3))
    db.session.commit()
    client = sign_in("clerk")
    client.post("/mail/account", data={"account": str(box.account.public_id)})

    alone = client.get("/mail/?only=unanswered").text
    assert rows_of(alone) == []
    assert f"Solo de {box.account.address}." in alone
    chosen = client.post("/mail/account", data={"account": "all", "only": "unanswered"})

    everything = client.get(chosen.headers["Location"]).text
    assert rows_of(everything) == [key(waits)]
    assert "Solo de" not in everything
