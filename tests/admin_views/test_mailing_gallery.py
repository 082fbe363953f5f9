"""The gallery's door: what a person sees of each message, and what they may say about it (S1-13, S1-14, N-03)."""

import re
from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from files.store import FileStore
from models.base import db, utc_now
from models.mailings.anomaly import MailingAnomaly
from models.mailings.delivery import Delivery, DeliveryDocument, DeliveryKind
from models.mailings.mailing import Mailing, MailingRange
from models.mailings.mailing_state import MailingState
from models.people.organization import Organization
from services.mailings import preparing, registering
from settings import Settings
from tests.admin_views.conftest import SignIn
from tests.factories.mailings import make_registered
from tests.factories.people import make_contact, make_customer
from tests.factories.sales import make_document

BODY = '<p>Estimada {{ contact.name }}</p><p><a href="https://x.example/pay">Pagar</a></p>'


@pytest.fixture
def mailing(organization: Organization, settings: Settings) -> Mailing:
    """Three messages, the second with a total of zero; a customer without address."""
    documents = []
    for number in range(3):
        customer = make_customer(name=f"Casa {number} <b>", tax_id="1")
        make_contact(customer, name=f"Sofía {number}")
        price = 0 if number == 1 else 100
        documents.append(
            make_document(
                customer, number=str(10480 + number), price=price, due_date=date(2099, 1, 1)
            )
        )
    documents.append(make_document(make_customer(name="Sin correo", tax_id="1"), number="10499"))
    return make_registered(
        settings,
        title="Mayoristas de julio",
        ranges=[MailingRange(document_ids=[each.id for each in documents])],
        body_html=BODY,
        period=(date(2026, 7, 1), date(2026, 7, 31)),
    )


@pytest.fixture
def deliveries(mailing: Mailing) -> list[Delivery]:
    query = select(Delivery).where(Delivery.mailing_id == mailing.id).order_by(Delivery.id)
    return list(db.session.scalars(query))


def open_gallery(client: FlaskClient, mailing: Mailing, query: str = "", **headers: str) -> str:
    answer = client.get(f"/mailings/{mailing.public_id}/gallery{query}", headers=headers)
    assert answer.status_code == 200
    return answer.text


def test_the_head_says_period_and_sums(sign_in: SignIn, mailing: Mailing) -> None:
    """S1-13: "Periodo: 01/07-31/07/2026 · 80 facturas · 61 terceros · 12,4 MB"."""
    page = open_gallery(sign_in("clerk"), mailing)

    head = re.search(r'<p class="num">(.*?)</p>', page)
    assert head
    assert re.fullmatch(r"Periodo: 01/07–31/07/2026 · 3 facturas · 3 terceros · \d+ KB", head[1])


def test_message_and_pdf_stand_side_by_side(
    sign_in: SignIn, mailing: Mailing, deliveries: list[Delivery]
) -> None:
    """S1-14: the exact e-mail and the exact PDF, side by side."""
    client = sign_in("clerk")
    page = open_gallery(client, mailing, f"?m=m{deliveries[1].id}")

    assert "Sofía 1" in page and "FV-10481.pdf" in page
    frame = f"/mailings/{mailing.public_id}/gallery/{deliveries[1].public_id}/frame"
    assert re.search(rf'<iframe [^>]*src="{frame}"[^>]* sandbox ', page)
    picture = f"/mailings/{mailing.public_id}/gallery/{deliveries[1].public_id}/files/1/1.png"
    assert f'src="{picture}"' in page
    answer = client.get(picture)
    assert (answer.status_code, answer.mimetype) == (200, "image/png")
    assert 'aria-current="true"><span class="cut mid" title="Casa 1 &lt;b&gt;">' in page


def test_the_frame_carries_its_own_policy(
    sign_in: SignIn, mailing: Mailing, deliveries: list[Delivery]
) -> None:
    """S1-14: no scripts, no loads, an origin of its own; always light."""
    answer = sign_in("clerk").get(
        f"/mailings/{mailing.public_id}/gallery/{deliveries[0].public_id}/frame"
    )

    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith(
        "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    )
    assert "Estimada Sofía 0" in answer.text
    assert "href=" not in answer.text
    assert "only light" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_pdf_is_the_attached_one(
    sign_in: SignIn, mailing: Mailing, deliveries: list[Delivery], settings: Settings
) -> None:
    """S1-14: byte for byte."""

    answer = sign_in("clerk").get(
        f"/mailings/{mailing.public_id}/gallery/{deliveries[0].public_id}/files/1"
    )

    sha256 = db.session.scalars(
        select(DeliveryDocument.file_sha256).where(DeliveryDocument.delivery_id == deliveries[0].id)
    ).one()
    assert answer.data == FileStore(settings.files_url).read(sha256)
    assert answer.headers["Content-Disposition"] == "attachment; filename=FV-10480.pdf"


@pytest.mark.parametrize("path", ["files/2", "files/1/2.png", "files/0", "files/1/0.png"])
def test_what_there_is_not_is_not_found(
    sign_in: SignIn, mailing: Mailing, deliveries: list[Delivery], path: str
) -> None:
    url = f"/mailings/{mailing.public_id}/gallery/{deliveries[0].public_id}/{path}"

    assert sign_in("clerk").get(url).status_code == 404


@pytest.mark.parametrize(
    ("query", "has", "has_not"),
    [
        ("?view=pdf", "wide=1", "<iframe"),
        ("?view=message", "<iframe", ".png"),
        ("?view=message&as=phone", "dark=1", ".png"),
        ("?view=message&as=text", "Estimada Sofía 0", "<iframe"),
        ("?view=message&as=source", "Content-Type: multipart/mixed", "<iframe"),
        ("?view=nonsense&as=nonsense&m=zz&at=%00x&file=99", "<iframe", "wide=1"),
    ],
)
def test_each_view_shows_its_part(
    sign_in: SignIn, mailing: Mailing, query: str, has: str, has_not: str
) -> None:
    """S1-14: HTML, phone, text, source; PDF over the whole width; message alone."""
    answer = sign_in("clerk").get(f"/mailings/{mailing.public_id}/gallery{query}")
    if "%00" in query:
        assert answer.status_code == 400
        return

    page = re.sub(r'<section class="v-pop.*?</section>', "", answer.text, flags=re.DOTALL)
    assert has in page
    assert has_not not in page


def test_a_pdf_over_the_width_is_made_larger_by_button_and_key(
    sign_in: SignIn, mailing: Mailing
) -> None:
    """S1-14: larger, smaller, the width again, the whole screen; each says its key."""
    page = open_gallery(sign_in("clerk"), mailing, "?view=pdf")

    for title in ("Más pequeña (tecla -)", "Más grande (tecla +)", "Ajustar al ancho (tecla 0)"):
        assert f'title="{title}"' in page
    assert re.search(r"<button [^>]*data-full-screen hidden [^>]*tecla F", page)
    assert "data-zoom" not in open_gallery(sign_in("clerk"), mailing, "?view=message")


def test_the_source_is_shown_as_text(
    sign_in: SignIn, mailing: Mailing, deliveries: list[Delivery]
) -> None:
    client = sign_in("clerk")

    page = open_gallery(client, mailing, "?view=message&as=source")
    file = client.get(
        f"/mailings/{mailing.public_id}/gallery/{deliveries[0].public_id}/message.eml"
    )

    assert "&lt;p&gt;" in page or "=3D" in page  # nothing of it is markup of ours
    assert file.mimetype == "message/rfc822"
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert file.data.startswith(b"MIME-Version: 1.0\r\n")


def test_next_and_previous_are_links(
    sign_in: SignIn, mailing: Mailing, deliveries: list[Delivery]
) -> None:
    """S1-14: they work without script and survive reload."""
    page = open_gallery(sign_in("clerk"), mailing, f"?view=pdf&m=m{deliveries[1].id}")

    links = {
        key: re.search(rf'<a [^>]*data-key="{key}" href="([^"]*)"', page)
        for key in ("previous", "next")
    }
    assert f"m=m{deliveries[0].id}" in links["previous"][1]  # type: ignore[index]
    assert f"m=m{deliveries[2].id}" in links["next"][1]  # type: ignore[index]
    assert "view=pdf" in links["next"][1]  # type: ignore[index]
    assert "2 de 3" in page


def test_htmx_gets_the_inside_only(sign_in: SignIn, mailing: Mailing) -> None:
    """S1-15: with the button of the page's head, which tests the message that is shown now."""
    part = open_gallery(sign_in("clerk"), mailing, **{"HX-Request": "true", "HX-Target": "gallery"})

    assert part.lstrip().startswith('<div id="gallery"')
    assert "<html" not in part
    assert re.search(r'<span id="test-place" hx-swap-oob="true">\s*<a [^>]*test\?m=m', part)


def test_those_to_review_are_a_part_of_their_own(sign_in: SignIn, mailing: Mailing) -> None:
    """N-03: *Revisar N* and *Todos N*."""
    page = open_gallery(sign_in("clerk"), mailing, "?show=review")

    assert re.search(r'Revisar <b class="num">2</b>', page)
    assert re.search(r'Todos <b class="num">3</b>', page)
    assert "Sin correo" in page
    assert "Casa 0" not in page


def test_a_customer_without_message_has_a_reason_and_a_cure(
    sign_in: SignIn, mailing: Mailing
) -> None:
    """N-03: with a sentence, linked to the customer and the cure."""
    customer = db.session.scalars(
        select(MailingAnomaly.customer_id).where(MailingAnomaly.kind == "no_address")
    ).one()

    page = open_gallery(sign_in("clerk"), mailing, f"?show=review&m=c{customer}")

    assert "Este tercero no recibe ningún mensaje" in page
    assert f'href="/admin/customer/edit/?id={customer}"' in page


def test_search_finds_by_invoice(sign_in: SignIn, mailing: Mailing) -> None:
    page = open_gallery(sign_in("clerk"), mailing, "?search=10482")

    assert "Casa 2" in page and "Casa 0" not in page and "1 de 1" in page


def test_a_row_of_the_table_opens_its_message(
    sign_in: SignIn, mailing: Mailing, deliveries: list[Delivery]
) -> None:
    """S1-14: click a row."""
    client = sign_in("clerk")
    table = client.get(f"/mailings/{mailing.public_id}/invoices").text
    urls = re.findall(r'href="(/mailings/[^"]*\?document=\d+)"', table)
    assert len(urls) == 3

    page = client.get(urls[2]).text

    assert "3 de 3" in page and "Sofía 2" in page


def test_it_is_fine_is_kept_with_who_and_when(
    sign_in: SignIn, mailing: Mailing, deliveries: list[Delivery]
) -> None:
    """N-03: dismiss one, with who and when."""
    client = sign_in("clerk", name="Lucía Ordóñez")
    place = f"/mailings/{mailing.public_id}/gallery?show=review&m=m{deliveries[1].id}"
    url = re.search(r'action="(/mailings/[^"]*/anomalies/\d+)"', client.get(place).text)
    assert url

    answer = client.post(url[1], data={"back": place})

    assert answer.location == place
    page = client.get(place).text
    assert "Lucía Ordóñez" in page and "Ver de nuevo" in page
    assert re.search(r'Revisar <b class="num">1</b>', page)
    client.post(url[1], data={"back": place, "again": "1"})
    assert re.search(r'Revisar <b class="num">2</b>', client.get(place).text)


def test_the_way_back_from_an_anomaly_stays_inside(sign_in: SignIn, mailing: Mailing) -> None:
    key = db.session.scalars(select(MailingAnomaly.id).limit(1)).one()

    answer = sign_in("clerk").post(
        f"/mailings/{mailing.public_id}/anomalies/{key}", data={"back": "//evil.example/"}
    )

    assert answer.location.startswith(f"/mailings/{mailing.public_id}/gallery")


def test_a_reader_looks_and_decides_nothing(
    sign_in: SignIn, mailing: Mailing, deliveries: list[Delivery]
) -> None:
    client = sign_in("reader")
    key = db.session.scalars(select(MailingAnomaly.id).limit(1)).one()

    page = open_gallery(client, mailing, f"?m=m{deliveries[1].id}")

    assert "/anomalies/" not in page
    assert "gallery-test" not in page
    assert client.post(f"/mailings/{mailing.public_id}/anomalies/{key}").status_code == 403


def test_console_and_start_count_what_is_odd(sign_in: SignIn, mailing: Mailing) -> None:
    """N-03: counted in the console's card and in the question before the start."""
    client = sign_in("clerk")
    review = f"/mailings/{mailing.public_id}/gallery?show=review"

    card = client.get(f"/mailings/?mailing={mailing.public_id}").text
    question = client.get(f"/mailings/{mailing.public_id}/start").text

    for page in (card, question):
        assert f'href="{review}"' in page
        assert "Conviene revisar 2 mensajes o terceros" in page


def test_a_test_takes_the_shown_message(
    sign_in: SignIn, mailing: Mailing, deliveries: list[Delivery]
) -> None:
    """S1-15: a dialog with address and sample; the shown message is the sample."""
    client = sign_in("clerk")
    url = f"/mailings/{mailing.public_id}/test?m=m{deliveries[2].id}"

    dialog = client.get(url, headers={"HX-Request": "true"}).text
    answer = client.post(url, data={"address": "qa@acme.test", "sample": f"m{deliveries[2].id}"})

    assert "Casa 2" in dialog and 'name="address"' in dialog and 'name="sample"' in dialog
    assert answer.location == f"/mailings/{mailing.public_id}/gallery?m=m{deliveries[2].id}"
    test = db.session.scalars(select(Delivery).where(Delivery.kind == DeliveryKind.TEST)).one()
    assert test.subject == f"[PRUEBA] {deliveries[2].subject}"
    assert test.customer_id == deliveries[2].customer_id


def test_a_message_of_another_mailing_is_no_sample(
    sign_in: SignIn, mailing: Mailing, settings: Settings
) -> None:
    other = make_registered(settings)
    theirs = db.session.scalars(select(Delivery.id).where(Delivery.mailing_id == other.id)).first()

    answer = sign_in("clerk").post(
        f"/mailings/{mailing.public_id}/test?m=m{theirs}",
        data={"address": "qa@acme.test", "sample": f"m{theirs}"},
    )

    assert answer.status_code == 422
    assert not db.session.scalars(select(Delivery).where(Delivery.kind == DeliveryKind.TEST)).all()


def test_registering_says_how_fast_it_is_and_can_be_cancelled(
    sign_in: SignIn,
    organization: Organization,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """S1-11: a live bar with its rate and the time that is left; it can be left alone and given up."""
    monkeypatch.setattr(registering, "SHORTEST", timedelta(0))
    monkeypatch.setattr(preparing, "DOCUMENTS_PER_CHUNK", 1)
    mailing = make_registered(settings, customers=3)
    mailing.state, mailing.planned_count = MailingState.DRAFT, 10
    mailing.register_asked_at = utc_now()
    db.session.commit()

    card = sign_in("clerk").get(f"/mailings/?mailing={mailing.public_id}").text

    assert re.search(r">3 <span>de 10</span>", card)
    assert re.search(r"Velocidad</dt><dd class=\"num\">[\d.]+ / min", card)
    assert re.search(r"Faltan</dt><dd class=\"num\">\d+ (s|min)", card)
    assert 'hx-trigger="every 2s"' in card
    assert f"/mailings/{mailing.public_id}/cancel" in card
