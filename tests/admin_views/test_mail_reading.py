"""A conversation that is read: by whom, and what is safe of it."""

from functools import partial

from flask import Flask, url_for
from flask.testing import FlaskClient
from sqlalchemy import select

from models.base import db
from models.mailbox.account_grant import AccountGrant
from models.mailbox.message_placement import MessagePlacement
from models.people.organization import Organization
from models.people.user import User
from tests.admin_views.conftest import SignIn
from tests.admin_views.mail_pages import HTMX, a_letter, addresses_of, key
from tests.factories.mail_rows import make_mailbox, put
from tests.factories.mailbox import make_raw, receive
from tests.factories.people import make_user
from tests.factories.saving import saved


def test_whoever_may_read_it_reads_everything_of_it(
    sign_in: SignIn, organization: Organization
) -> None:
    placement = a_letter()
    client = sign_in("clerk")

    found = {url: client.get(url) for url in addresses_of(placement)[:-1]}

    assert {url: each.status_code for url, each in found.items()} == {
        url: 302 if url == f"/mail/messages/{placement.message.public_id}" else 200 for url in found
    }
    page = found[f"/mail/messages/{placement.message.public_id}/files/1"]
    assert page.data == b"%PDF-1.7 x"
    assert page.headers["Content-Disposition"].startswith("attachment")
    assert page.headers["Content-Type"] == "application/octet-stream"
    assert page.headers["X-Content-Type-Options"] == "nosniff"


def test_another_persons_mail_does_not_exist(sign_in: SignIn, organization: Organization) -> None:
    """A foreign account's message answers 404, and so does its attachment."""
    owner = make_user(organization)
    placement = a_letter(owner)
    urls = addresses_of(placement)
    put(make_mailbox().inbox)
    db.session.commit()
    client = sign_in("administrator")

    assert {client.get(url).status_code for url in urls} == {404}
    assert placement.message.subject not in client.get("/mail/search?q=factura").text
    folder = placement.folder.public_id
    assert client.get(f"/mail/?folder={folder}").status_code == 404
    client.post("/mail/act", data={"do": "read", "rowid": key(placement)}, headers=HTMX)
    db.session.expire_all()
    assert not db.session.get_one(MessagePlacement, placement.id).is_read


def test_whoever_is_no_longer_named_reads_no_more(
    sign_in: SignIn, organization: Organization
) -> None:
    owner = make_user(organization)
    placement = a_letter(owner)
    client: FlaskClient = sign_in("clerk", email="named@example.com")
    named = db.session.scalars(select(User).where(User.email == "named@example.com")).one()
    grant = saved(
        AccountGrant(account_id=placement.folder.account_id, user_id=named.id, can_read=True)
    )
    db.session.commit()
    url = addresses_of(placement)[2]
    assert client.get(url).status_code == 200

    db.session.delete(db.session.get_one(AccountGrant, grant.id))
    db.session.commit()

    assert client.get(url).status_code == 404


def test_what_is_sent_for_somebody_names_both(sign_in: SignIn, organization: Organization) -> None:
    """Pains D-6: in the list and where it is read, with both addresses; and a look-alike is warned of here, too."""
    folder = make_mailbox().inbox
    placement = receive(
        folder,
        b"Sender: =?utf-8?q?Luc=C3=ADa_de_ana=40cliente=2Etest?= <lucia@asistente.test>\r\n"
        + make_raw(sender="Ana Ruiz <ana@cliente.test>"),
    )
    db.session.commit()
    url = f"/mail/messages/{placement.message.public_id}"
    client = sign_in("clerk")

    listed = client.get("/mail/").text
    read = client.get(client.get(url).headers["Location"]).text

    words = "Lucía de ana@cliente.test en nombre de Ana Ruiz"
    assert words in listed
    assert f"<b>{words}</b>" in read
    assert "lucia@asistente.test · ana@cliente.test" in read
    assert "<dt>Lo envió</dt>" in read
    assert "pero el mensaje viene de lucia@asistente.test" in read


def test_html_stands_in_a_frame_that_loads_nothing(
    sign_in: SignIn, organization: Organization
) -> None:
    """X3-10."""
    placement = a_letter()
    client = sign_in("clerk")
    root = f"/mail/messages/{placement.message.public_id}"

    body = client.get(f"{root}/body").text
    frame = client.get(f"{root}/frame")

    assert f'src="{root}/frame"' in body
    assert 'sandbox="allow-same-origin allow-popups allow-popups-to-escape-sandbox"' in body
    policy = frame.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script" not in policy
    assert "https:" not in policy
    assert "<b>Lucía</b>" in frame.text
    with_pictures = client.get(f"{root}/frame?images=1").headers["Content-Security-Policy"]
    assert "img-src data: http://localhost" in with_pictures
    assert with_pictures.partition("img-src")[2].partition(";")[0].endswith(" https:")


def test_a_message_names_the_pages_that_there_are(
    sign_in: SignIn, organization: Organization, app: Flask
) -> None:
    """They are put together from one address, since building each costs more than the rest of the line."""
    placement = a_letter()
    message = placement.message
    page = sign_in("clerk").get(f"/mail/?open={message.thread.public_id}").text

    with app.test_request_context():
        one_of_it = partial(url_for, public_id=message.public_id)
        built = [
            one_of_it("mail_area.body"),
            one_of_it("mail_area.source"),
            one_of_it("mail_area.attachment", part=1),
        ]

    for address in built:
        assert f'"{address}"' in page
