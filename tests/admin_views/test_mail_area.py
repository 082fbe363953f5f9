"""The mail area: what its lists show, and to whom."""

import re

from sqlalchemy import select

from models.base import db
from models.mailbox.mail_view import MailView
from models.mailbox.message_placement import MessagePlacement
from models.mailbox.oauth import OAuthApplication, OAuthProvider
from models.people.organization import Organization
from tests.admin_views.conftest import SignIn
from tests.admin_views.mail_pages import HTMX, addresses_of, key, rows_of
from tests.factories.mail_rows import make_mailbox, make_thread, put
from tests.factories.mailbox import make_folder, make_raw, receive
from tests.factories.mailbox import make_mailbox as make_account
from tests.factories.people import make_contact, make_customer
from tests.factories.saving import saved


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


def test_the_search_finds_words_people_and_files(
    sign_in: SignIn, organization: Organization
) -> None:
    """S3-22."""

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
