"""The mail area: what it shows, to whom, and what is done there."""

import json
import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from models.base import db, utc_now
from models.mailbox.account_grant import AccountGrant
from models.mailbox.mail_folder import FolderRole
from models.mailbox.mail_view import MailView
from models.mailbox.mailbox_operation import MailboxOperation
from models.mailbox.message_placement import MessagePlacement
from models.mailbox.oauth import OAuthApplication, OAuthProvider
from models.people.organization import Organization
from models.people.user import User
from tests.admin_views.conftest import SignIn
from tests.factories.mail_rows import make_mailbox, make_thread, put
from tests.factories.mailbox import make_folder, make_raw, receive
from tests.factories.mailbox import make_mailbox as make_account
from tests.factories.people import make_contact, make_customer, make_user
from tests.factories.saving import saved

HTMX = {"HX-Request": "true"}


def rows_of(page: str) -> list[str]:
    """The keys of the conversations in the list."""
    return re.findall(r'<li id="row-([\d-]+)"', page)


def key(placement: MessagePlacement) -> str:
    return f"{placement.folder_id}-{placement.thread_id}"


def test_without_a_mailbox_there_is_a_way_to_one(sign_in: SignIn) -> None:
    """S3-03: a call to action, not an error."""
    page = sign_in("administrator").get("/mail/")

    assert page.status_code == 200
    assert 'href="/admin/mail-accounts/grid' in page.text or "v-conn" in page.text


def test_an_address_alone_leads_to_a_form_with_its_servers(sign_in: SignIn) -> None:
    """S3-03: the servers of whoever is known are filled in, for oneself; what nobody knows is said."""
    client = sign_in("administrator")

    assert 'name="address"' in client.get("/mail/").text
    form = client.get("/admin/mail_account/new/?address=ana@gmail.com").text
    assert 'value="ana@gmail.com"' in form
    assert 'value="imap.gmail.com"' in form
    assert not re.search(r'name="is_shared"[^>]* checked', form)
    refused = client.get("/admin/mail_account/new/?address=nobody")
    assert refused.status_code == 200
    assert "«nobody» no es una dirección de correo." in refused.text


def test_where_the_organization_is_registered_the_provider_is_a_click_away(
    sign_in: SignIn, organization: Organization
) -> None:
    """S3-03: the form of a new account comes with the provider's servers, and for oneself."""
    saved(OAuthApplication(provider=OAuthProvider.GOOGLE, client_id="x"))
    db.session.commit()
    client = sign_in("administrator")

    page = client.get("/mail/").text
    [url] = re.findall(r'href="([^"]*provider=google[^"]*)"', page)
    assert "Microsoft 365" not in page
    form = client.get(url.replace("&amp;", "&")).text

    assert 'value="smtp.gmail.com"' in form
    assert 'value="imap.gmail.com"' in form
    assert not re.search(r'name="is_shared"[^>]* checked', form)


def test_conversations_are_grouped_with_their_number(
    sign_in: SignIn, organization: Organization
) -> None:
    """S3-26: one message with three answers is one row and says +3."""
    box = make_mailbox()
    thread = make_thread()
    for _n in range(4):
        last = put(box.inbox, thread=thread, subject="Flete")
    alone = put(box.inbox)
    db.session.commit()

    page = sign_in("clerk").get("/mail/").text

    assert rows_of(page) == [key(alone), key(last)]
    assert page.count("+3<") == 1


def test_folders_say_what_is_unread(sign_in: SignIn, organization: Organization) -> None:
    """S3-05."""
    box = make_mailbox()
    put(box.inbox)
    put(box.inbox, is_read=True, is_starred=True)
    db.session.commit()

    page = sign_in("clerk", lang="en").get("/mail/").text

    folders = page.partition('id="mail-folders"')[2].partition("</nav>")[0]
    found = re.findall(r'class="cut">([^<]+)</span>(?:<span class="v-count">(\d+))?', folders)
    assert found[:6] == [
        ("Inbox", "1"),
        ("Starred", "1"),
        ("Snoozed", ""),
        ("Drafts", ""),
        ("Sent mail", ""),
        ("Deleted mail", ""),
    ]


def test_pages_follow_each_other_without_gap_or_double(
    sign_in: SignIn, organization: Organization
) -> None:
    box, other = make_mailbox(), make_mailbox()
    placements = [put((box, other)[n % 2].inbox) for n in range(120)]
    db.session.commit()
    client = sign_in("clerk")

    seen: list[str] = []
    url: str | None = "/mail/"
    while url:
        page = client.get(url).text
        seen += rows_of(page)
        older = re.search(r'push" href="([^"]+)">[^<]*<svg[^>]*>', page) or re.search(
            r'<a class="btn btn-s push" href="([^"]+)"', page
        )
        url = older[1].replace("&amp;", "&") if older else None

    assert seen == [key(placement) for placement in reversed(placements)]


def test_the_choice_of_the_mailbox_is_kept(sign_in: SignIn, organization: Organization) -> None:
    """S3-23, S3-24: one mailbox, or all of them."""
    box, other = make_mailbox(), make_mailbox()
    here, there = put(box.inbox), put(other.inbox)
    db.session.commit()
    client = sign_in("clerk")
    assert set(rows_of(client.get("/mail/").text)) == {key(here), key(there)}

    client.post("/mail/account", data={"account": str(box.account.public_id)})
    assert rows_of(client.get("/mail/").text) == [key(here)]
    client.post("/mail/account", data={"account": "all"})

    assert set(rows_of(client.get("/mail/").text)) == {key(here), key(there)}
    assert db.session.scalars(select(MailView.account_id)).all() == [None]


def test_opening_reads_it_by_a_request_of_its_own(
    sign_in: SignIn, organization: Organization
) -> None:
    """GET changes nothing; the page then asks to mark it as read."""
    box = make_mailbox()
    placement = put(box.inbox, subject="Flete")
    db.session.commit()
    client = sign_in("clerk")
    url = re.search(r'hx-get="(/mail/\?[^"]+)"', client.get("/mail/").text)
    assert url

    part = client.get(url[1].replace("&amp;", "&"), headers={**HTMX, "HX-Target": "mail-read"}).text

    assert "<h2" in part
    assert "Flete" in part
    assert "<main" not in part
    assert not db.session.get_one(MessagePlacement, placement.id).is_read
    assert 'name="quiet" value="1"' in part


@pytest.mark.parametrize(
    ("deed", "column", "value"),
    [("read", "is_read", True), ("star", "is_starred", True), ("unstar", "is_starred", False)],
)
def test_what_is_done_shows_at_once_with_a_way_back(
    sign_in: SignIn, organization: Organization, deed: str, column: str, value: bool
) -> None:
    """S3-11 to S3-14: for many at once."""
    box = make_mailbox()
    before: dict[str, Any] = {column: not value}
    placements = [put(box.inbox, **before) for _n in range(3)]
    db.session.commit()
    client = sign_in("clerk")

    answer = client.post(
        "/mail/act",
        data={"do": deed, "rowid": [key(each) for each in placements]},
        headers={**HTMX, "HX-Target": "mail-list"},
    )

    assert answer.status_code == 200
    keys = [each.id for each in placements]
    assert all(
        getattr(db.session.get_one(MessagePlacement, each), column) is value for each in keys
    )
    undo = json.loads(answer.headers["HX-Trigger"])["toast"]["undo"]
    client.post(undo, data={"url": "/mail/"})
    db.session.expire_all()
    assert all(
        getattr(db.session.get_one(MessagePlacement, each), column) is not value for each in keys
    )


def test_moving_asks_for_the_folder(sign_in: SignIn, organization: Organization) -> None:
    placement = put(make_mailbox().inbox)
    db.session.commit()

    answer = sign_in("clerk").post("/mail/act", data={"do": "move", "rowid": [key(placement)]})

    assert answer.status_code == 409
    assert "Elija primero la carpeta." in answer.text


def test_several_mailboxes_move_each_within_its_own(
    sign_in: SignIn, organization: Organization
) -> None:
    """S3-16, S3-23: in the view of all mailboxes the folders are named by what they are for, and it says why no others are."""
    box, other = make_mailbox(), make_mailbox()
    here, there = put(box.inbox), put(other.inbox)
    db.session.commit()
    client = sign_in("clerk", lang="en")
    page = client.get("/mail/").text
    assert re.findall(r'<option value="(\w+)">', page.partition('name="target"')[2])[:4] == [
        "inbox",
        "archive",
        "junk",
        "trash",
    ]
    assert "Each within its own mailbox." in page

    chosen = {"do": "move", "target": "junk", "rowid": [key(here), key(there)]}
    client.post("/mail/act", data=chosen, headers=HTMX)

    db.session.expire_all()
    assert (here.folder_id, there.folder_id) == (box.junk.id, other.junk.id)


def test_several_are_forwarded_as_files_of_one_message(
    sign_in: SignIn, organization: Organization
) -> None:
    """S3-10, S3-16: the page of one draft, with the messages in it."""
    folder = make_folder(make_account())
    chosen = [receive(folder, make_raw(subject=f"Asunto {n}")) for n in range(2)]
    db.session.commit()

    client = sign_in("clerk")
    asked = {"do": "forward", "rowid": [key(each) for each in chosen]}
    page = client.get(client.post("/mail/act", data=asked).headers["Location"])

    assert page.status_code == 200
    assert "Asunto 0.eml" in page.text
    assert "Asunto 1.eml" in page.text


def test_everything_of_a_folder_at_once(sign_in: SignIn, organization: Organization) -> None:
    """S3-16: more than a page of them, with the progress on the server."""
    box = make_mailbox()
    for _n in range(70):
        put(box.inbox)
    db.session.commit()

    answer = sign_in("clerk").post(
        "/mail/act", data={"do": "trash", "all": "1"}, headers={**HTMX, "HX-Target": "mail-list"}
    )

    assert rows_of(answer.text) == []
    assert "/mail/batches/" in answer.text
    assert len(db.session.scalars(select(MailboxOperation)).all()) == 70


def test_purging_asks_first(sign_in: SignIn, organization: Organization) -> None:
    """S3-21."""
    box = make_mailbox()
    placement = put(box.trash)
    db.session.commit()
    client = sign_in("clerk")
    place = placement.id
    asked: dict[str, Any] = {"folder": "trash", "rowid": key(placement)}

    question = client.post("/mail/purge", data=asked)
    assert "data-question" in question.text
    assert db.session.get(MessagePlacement, place) is not None
    client.post("/mail/purge", data={**asked, "sure": "1"})

    db.session.expire_all()
    assert db.session.get(MessagePlacement, place) is None


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


def test_a_reader_looks_and_changes_nothing(sign_in: SignIn, organization: Organization) -> None:
    box = make_mailbox()
    placement = put(box.inbox)
    db.session.commit()
    client = sign_in("reader")

    page = client.get(addresses_of(placement)[0]).text

    assert rows_of(page) == [key(placement)]
    assert 'name="do"' not in page
    assert 'id="subject"' in page
    assert "/mail/compose" not in page
    assert client.get("/mail/compose").status_code == 403
    assert client.post("/mail/act", data={"do": "read", "rowid": key(placement)}).status_code == 403


def addresses_of(placement: MessagePlacement) -> list[str]:
    message = placement.message
    root = f"/mail/messages/{message.public_id}"
    thread = db.session.get_one(type(message.thread), message.thread_id).public_id
    return [
        f"/mail/?open={thread}",
        root,
        f"{root}/body",
        f"{root}/frame",
        f"{root}/message.eml",
        f"{root}/files/1",
        f"{root}/pictures/1",
    ]


def a_letter(owner: User | None = None) -> MessagePlacement:
    account = make_account(owner_id=owner.id) if owner else make_account()
    raw = make_raw(html="<p>Hola <b>Lucía</b></p>", files=(("CO-2189.pdf", b"%PDF-1.7 x"),))
    placement = receive(make_folder(account), raw)
    db.session.commit()
    return placement


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


def test_the_search_finds_words_people_and_files(
    sign_in: SignIn, organization: Organization
) -> None:
    """S3-22."""
    from tests.factories.mailbox import make_mailbox as make_account

    folder = make_folder(make_account())
    receive(
        folder,
        make_raw(
            subject="Facturación de julio",
            text="Adjuntamos las facturas del flete.",
            sender="Sofía Ñáñez <sofia@lanapa.test>",
            files=(("CO-2189 firmada.pdf", b"%PDF-1.7 x"),),
        ),
    )
    receive(folder, make_raw(subject="Otra cosa", text="Nada que ver."))
    make_contact(make_customer(name="La Ñapa"), name="Sofía Ñáñez", email="sofia@lanapa.test")
    db.session.commit()
    client = sign_in("clerk")

    def found(question: str, tab: str = "") -> list[str]:
        page = client.get("/mail/search", query_string={"q": question, "tab": tab}).text
        return re.findall(r'class="v-tabn">([\d+]+)<', page)

    assert found("flete")[0] == "1"
    assert found("facturacion")[0] == "1"
    assert found("de:lanapa.test")[0] == "1"
    assert found("from:lanapa.test")[0] == "1"
    assert found("asunto:otra")[0] == "1"
    assert found("adjunto:firmada fecha:2026")[0] == "1"
    assert found("fecha:2020")[0] == "0"
    assert found("cuenta:nadie")[0] == "0"
    assert found("sofia") == ["1", "1", "0"]
    assert found("firmada")[2] == "1"


def test_a_batch_of_somebody_else_is_not_told_of(
    sign_in: SignIn, organization: Organization
) -> None:
    client = sign_in("clerk")

    assert client.get(f"/mail/batches/{uuid.uuid4()}").text.strip() == ""
    assert client.post(f"/mail/undo/{uuid.uuid4()}").status_code == 404


def test_the_folder_role_has_a_word_each() -> None:
    assert set(FolderRole.labels()) == set(FolderRole)
