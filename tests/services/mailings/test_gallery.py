"""The gallery: every message, its neighbours, and those to review (S1-14, N-03)."""

import pytest
from sqlalchemy import select

from errors import NotFound
from files.store import FileStore
from models.base import db
from models.mailings.anomaly import MailingAnomaly
from models.mailings.delivery import Delivery, DeliveryBody, DeliveryDocument
from models.mailings.mailing import Mailing, MailingRange
from models.people.organization import Organization
from models.system.audit_event import AuditEvent
from services.mailings import gallery
from services.mailings.frozen_message import (
    content_of,
    frozen_message,
    page_count,
    page_picture,
    paper_of,
    short_source,
    source_of,
)
from services.mailings.gallery import extent_when_frozen, gallery_page, message_with, place_of
from services.mailings.gallery_marks import Asked, Mark, count_rows, first_mark
from services.mailings.review import (
    anomalies_of_customer,
    anomalies_of_mailing,
    anomalies_of_message,
    count_to_review,
    dismiss,
    reopen,
)
from settings import Settings
from tests.factories.mailings import make_registered
from tests.factories.people import make_contact, make_customer
from tests.factories.sales import make_document

ALL, REVIEW = Asked(), Asked(is_review=True)


@pytest.fixture
def mailing(organization: Organization, settings: Settings) -> Mailing:
    """Seven messages, two of them with a total of zero; one customer without address; no phone anywhere."""
    documents = []
    for number in range(7):
        customer = make_customer(name=f"Casa {number}", tax_id="1")
        make_contact(customer, name=f"Sofía {number}")
        price = 0 if number in (2, 5) else 100
        documents.append(
            make_document(customer, number=str(10480 + number), price=price, due_date="2099-01-01")
        )
    lonely = make_customer(name="Sin correo", tax_id="1")
    documents.append(make_document(lonely, number="10499", due_date="2099-01-01"))
    return make_registered(
        settings,
        ranges=[MailingRange(document_ids=[each.id for each in documents])],
        body_html="<p>Estimada {{ contact.name }} {{ organization.phone }}</p>",
    )


def names(mailing: Mailing, asked: Asked, **places: Mark) -> list[str]:
    return [row.customer for row in gallery_page(mailing, asked, **places).rows]


def walk(mailing: Mailing, asked: Asked, *, step: str) -> list[Mark]:
    marks = [first_mark(mailing, asked)]
    if step == "previous":
        while (after := place_of(mailing, asked, marks[-1], 0).next) is not None:
            marks = [after]
    while (neighbour := getattr(place_of(mailing, asked, marks[-1], 0), step)) is not None:
        marks.append(neighbour)
    return marks


def test_all_messages_stand_in_the_order_of_registering(mailing: Mailing) -> None:
    rows = gallery_page(mailing, ALL).rows

    assert [row.customer for row in rows] == [f"Casa {number}" for number in range(7)]
    assert rows[0].labels == ("FV-10480",)
    assert rows[0].sums[0][0] == "EUR"


def test_those_to_review_come_by_what_they_are_about(mailing: Mailing) -> None:
    """N-03: the whole mailing, who gets none, then the messages."""
    assert names(mailing, REVIEW) == ["", "Sin correo", "Casa 2", "Casa 5"]
    assert count_to_review(mailing) == count_rows(mailing, REVIEW) == 4


@pytest.mark.parametrize("asked", [ALL, REVIEW])
def test_next_and_previous_go_through_every_row(mailing: Mailing, asked: Asked) -> None:
    """S1-14: next and previous."""
    forwards = walk(mailing, asked, step="next")

    assert len(forwards) == count_rows(mailing, asked)
    assert walk(mailing, asked, step="previous") == forwards[::-1]
    positions = [place_of(mailing, asked, mark, 0).position for mark in forwards]
    assert positions == list(range(1, len(forwards) + 1))


@pytest.mark.parametrize("asked", [ALL, REVIEW])
def test_pages_miss_nothing_and_show_nothing_twice(
    mailing: Mailing, asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = names(mailing, asked)
    monkeypatch.setattr(gallery, "PAGE", 3)
    page, seen = gallery_page(mailing, asked), []
    starts = [None]
    while True:
        seen += [row.customer for row in page.rows]
        if page.after is None:
            break
        starts.append(page.after)
        page = gallery_page(mailing, asked, at=page.after)

    assert seen == whole
    assert page.before == (starts[-2] or first_mark(mailing, asked))


def test_a_link_to_a_message_opens_the_page_that_has_it(
    mailing: Mailing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gallery, "PAGE", 3)
    monkeypatch.setattr(gallery, "LEAD", 1)
    last = walk(mailing, ALL, step="next")[-1]

    assert names(mailing, ALL, shown=last) == ["Casa 5", "Casa 6"]
    kept = gallery_page(mailing, ALL, at=first_mark(mailing, ALL), shown=first_mark(mailing, ALL))
    assert kept.rows[0].customer == "Casa 0"


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("casa 3", ["Casa 3"]),
        ("10484", ["Casa 4"]),
        ("fv-10486", ["Casa 6"]),
        ("%", []),
        ("x'", []),
    ],
)
def test_search_by_third_party_or_invoice(
    mailing: Mailing, search: str, expected: list[str]
) -> None:
    """S1-14: search by third party or invoice."""
    assert names(mailing, Asked(search=search)) == expected
    assert count_rows(mailing, Asked(search=search)) == len(expected)


def test_search_among_those_to_review(mailing: Mailing) -> None:
    assert names(mailing, Asked(is_review=True, search="sin corr")) == ["Sin correo"]
    assert names(mailing, Asked(is_review=True, search="casa 3")) == []


def test_a_document_leads_to_its_message(mailing: Mailing) -> None:
    """S1-14: a row of the invoices opens its message."""
    document_id, delivery_id = db.session.execute(
        select(DeliveryDocument.document_id, DeliveryDocument.delivery_id).limit(1)
    ).one()

    assert message_with(mailing, document_id) == Mark.of("m", delivery_id)
    assert message_with(mailing, 999_999_999) is None


@pytest.mark.parametrize("text", ["", None, "m", "mx", "q3", "m-1", "m" + "9" * 30, "c 3"])
def test_what_is_no_mark_is_none(text: str | None) -> None:
    assert Mark.read(text) is None


def test_the_extent_is_counted_once(mailing: Mailing) -> None:
    """S1-13."""
    extent = extent_when_frozen(mailing)

    assert (extent.messages, extent.documents, extent.customers) == (7, 7, 7)
    assert extent_when_frozen(mailing) is extent


# Anomalies.


def test_an_anomaly_is_dismissed_with_who_and_when(mailing: Mailing) -> None:
    """N-03: "Está bien así"."""
    odd = db.session.scalars(
        select(MailingAnomaly).where(MailingAnomaly.delivery_id.is_not(None)).limit(1)
    ).one()

    dismiss(mailing, odd.id)
    first = odd.dismissed_at
    dismiss(mailing, odd.id)  # a second person, or a second click

    assert odd.dismissed_at == first is not None
    assert count_to_review(mailing) == 3
    events = db.session.scalars(
        select(AuditEvent).where(AuditEvent.action == "dismiss_anomaly")
    ).all()
    assert [event.after["kind"] for event in events] == ["zero_total"]
    reopen(mailing, odd.id)
    assert odd.dismissed_at is None
    assert count_to_review(mailing) == 4


def test_an_anomaly_of_another_mailing_is_not_found(mailing: Mailing, settings: Settings) -> None:
    other = make_registered(settings)
    odd = db.session.scalars(
        select(MailingAnomaly.id).where(MailingAnomaly.mailing_id == mailing.id).limit(1)
    ).one()

    with pytest.raises(NotFound):
        dismiss(other, odd)


def test_anomalies_stand_where_they_belong(mailing: Mailing) -> None:
    whole = anomalies_of_mailing(mailing)
    lonely = db.session.scalars(
        select(MailingAnomaly.customer_id).where(MailingAnomaly.kind == "no_address")
    ).one()
    messages = db.session.scalars(
        select(Delivery).where(Delivery.mailing_id == mailing.id).order_by(Delivery.id)
    ).all()

    assert [each.anomaly.detail["field"] for each in whole] == ["organization.phone"]
    assert [each.anomaly.kind.value for each in anomalies_of_customer(mailing, lonely)] == [
        "no_address"
    ]
    assert [len(anomalies_of_message(each)) for each in messages] == [0, 0, 1, 0, 0, 1, 0]


# The frozen message.


@pytest.fixture
def delivery(mailing: Mailing) -> Delivery:
    return db.session.scalars(
        select(Delivery).where(Delivery.mailing_id == mailing.id).order_by(Delivery.id).limit(1)
    ).one()


@pytest.fixture
def store(settings: Settings) -> FileStore:
    return FileStore(settings.files_url)


def test_the_frozen_message_is_what_its_reader_gets(delivery: Delivery, store: FileStore) -> None:
    """S1-14: the exact e-mail and the exact PDF."""
    message = frozen_message(delivery, store)

    assert "Sofía 0" in message.read.to
    assert "Estimada Sofía 0" in message.read.html
    assert "Estimada Sofía 0" in message.read.text
    assert [paper.filename for paper in message.papers] == ["FV-10480.pdf"]
    (paper,) = message.papers
    sha256 = db.session.scalars(
        select(DeliveryDocument.file_sha256).where(DeliveryDocument.delivery_id == delivery.id)
    ).one()
    assert content_of(paper, store) == store.read(sha256)
    assert abs(paper.size_bytes - len(store.read(sha256))) < 60


def test_a_document_that_is_not_attached_is_shown_as_a_link(
    delivery: Delivery, store: FileStore, superuser_dsn: str
) -> None:
    """S1-09: what goes as a link is looked at just the same."""
    import psycopg

    with psycopg.connect(superuser_dsn) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(
            "UPDATE delivery_body SET parts = '[]' WHERE delivery_id = %s", (delivery.id,)
        )
    db.session.expire_all()
    assert db.session.get_one(DeliveryBody, delivery.id).parts == []

    (paper,) = frozen_message(delivery, store).papers

    assert (paper.filename, paper.is_attached) == ("FV-10480.pdf", False)
    assert content_of(paper, store).startswith(b"%PDF")


def test_pages_are_drawn_once(delivery: Delivery, settings: Settings, store: FileStore) -> None:
    paper = paper_of(delivery, 1, store)

    assert page_count(settings.files_url, paper) == 1
    picture = page_picture(settings.files_url, paper, 1, 480)
    assert picture.startswith(b"\x89PNG")
    assert page_picture(settings.files_url, paper, 1, 480) is picture
    with pytest.raises(NotFound):
        paper_of(delivery, 2, store)


def test_the_source_is_the_message(delivery: Delivery, store: FileStore) -> None:
    source = source_of(delivery, store)

    assert b"Content-Type: multipart/mixed" in source
    assert delivery.message_id_header.encode() in source
    short = short_source(delivery, store)
    assert short.startswith("MIME-Version: 1.0\n")
    assert "filename=" in short and "[...]" in short
    assert len(short) < 6_000 < len(source)


def test_two_people_of_one_customer_are_told_apart(
    organization: Organization, settings: Settings
) -> None:
    """S1-14: the same documents go to both; who is alone needs no name."""
    both, single = make_customer(name="Casa A"), make_customer(name="Casa B")
    make_contact(both, name="Sofía", email="sofia@a.test")
    make_contact(both, name="Iker", email="iker@a.test", is_primary=False)
    make_contact(single, name="Ana")
    for customer in (both, single):
        make_document(customer)
    mailing = make_registered(settings, ranges=[MailingRange(series="FV")])

    rows = gallery_page(mailing, ALL).rows

    assert sorted(row.person for row in rows) == ["", "Iker · iker@a.test", "Sofía · sofia@a.test"]
