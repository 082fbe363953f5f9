"""Searching mail: the newest first, in windows, by words as people write them."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select

from models.base import db
from models.mailbox.mail_folder import FolderRole, MailFolder
from models.people.organization import Organization
from services.mailbox import mail_search, search_windows
from services.mailbox.mail_excerpts import excerpts_of
from services.mailbox.mail_search import search_files, search_messages
from services.mailbox.search_question import Question, question_of
from services.mailbox.search_words import tsquery_of
from services.mailbox.searchable import kept_words, searched_words, shown_words
from tests.factories.mailbox import make_folder, make_mailbox, make_raw, receive

DAY = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def inbox(organization: Organization) -> MailFolder:
    return make_folder(make_mailbox())


def asked(text: str) -> Question:
    return question_of(text, today=date(2026, 11, 27))


def found(text: str, *folders: MailFolder) -> Sequence[str]:
    return [message.subject for message in search_messages(asked(text), folders).messages]


def arrive(folder: MailFolder, subject: str, text: str = "x", *, days: float = 0) -> None:
    at = DAY + timedelta(days=days)
    receive(folder, make_raw(subject=subject, text=text, sent_at=at), received_at=at)


def test_the_newest_first_whatever_came_first(inbox: MailFolder) -> None:
    """The first reading of a mailbox stores the newest messages first."""
    for days in (3, 1, 2):
        arrive(inbox, f"día {days}", "el flete", days=days)

    assert found("flete", inbox) == ["día 3", "día 2", "día 1"]


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("la facturación de julio", "facturacion"),
        ("la facturacion de julio", "facturación"),
        ("las facturaciones", "facturación"),
        ("escribió Sofía", "sofia"),
        ("escribio Sofia", "sofía"),
        ("el teléfono", "telefono"),
        ("según FAC-2024/0012", "0012"),
        ("según FAC-2024/0012", "FAC-2024/0012"),
        ("the invoices you sent and the payments", "invoice"),
        ("hace dos años", "años"),
    ],
)
def test_words_as_people_write_them(inbox: MailFolder, written: str, wanted: str) -> None:
    arrive(inbox, "A", written)
    arrive(inbox, "B", "otra cosa")

    assert found(wanted, inbox) == ["A"]


def test_an_n_is_no_enye(inbox: MailFolder) -> None:
    arrive(inbox, "A", "hace dos años")

    assert found("anos", inbox) == []


def test_phrases_and_words_that_must_not_be_there(inbox: MailFolder) -> None:
    arrive(inbox, "A", "el flete nacional sube")
    arrive(inbox, "B", "el flete sube, lo nacional no")

    assert found('"flete nacional"', inbox) == ["A"]
    assert set(found("flete", inbox)) == {"A", "B"}
    assert found("flete -sube", inbox) == []


def test_only_in_the_folders_given(inbox: MailFolder, organization: Organization) -> None:
    other = make_folder(make_mailbox(address="otra@penalba.test"), FolderRole.INBOX)
    arrive(inbox, "A", "flete")
    arrive(other, "B", "flete de la otra")

    assert found("flete", inbox) == ["A"]
    assert found("cuenta:otra flete", inbox, other) == ["B"]


@pytest.mark.parametrize(
    ("wanted", "subjects"),
    [
        ("de:Cliente.example", ["A"]),
        ("de:nuñez", ["B"]),
        ("de:Núñez", ["B"]),
        ("de:_liente", []),
        ("de:eva@segunda.example", []),
        ("de:otra.example para:copia.example", ["B"]),
    ],
)
def test_senders_by_a_domain_and_a_piece_of_their_name(
    inbox: MailFolder, wanted: str, subjects: list[str]
) -> None:
    """S3-25: of several who are named as senders the first is the sender."""
    receive(inbox, make_raw(subject="A", sender="Ana <ANA@cliente.example>, eva@segunda.example"))
    receive(
        inbox, make_raw(subject="B", sender="Juan Núñez <j@otra.example>", cc="c@copia.example")
    )

    assert found(wanted, inbox) == subjects


@pytest.mark.parametrize("wanted", ["asunto:GUEMES", "asunto:Güemes", "asunto:ücía", "asunto:ucia"])
def test_subjects_whatever_their_accents(inbox: MailFolder, wanted: str) -> None:
    for subject in ("Almacenes Güemes: lúcía", "almacenes guemes: lucia", "Otra cosa"):
        arrive(inbox, subject)

    assert set(found(wanted, inbox)) == {"Almacenes Güemes: lúcía", "almacenes guemes: lucia"}


def test_when_time_is_up_it_says_where_to_go_on(inbox: MailFolder) -> None:
    for days in range(4):
        arrive(inbox, f"día {days}", "flete", days=days)

    first = search_messages(asked("flete"), [inbox], size=2)
    assert [message.subject for message in first.messages] == ["día 3", "día 2"]
    rest = search_messages(asked("flete"), [inbox], before=first.older, size=2)

    assert [message.subject for message in rest.messages] == ["día 1", "día 0"]
    assert rest.older is None


@pytest.mark.parametrize("is_common", [True, False])
@pytest.mark.parametrize(
    "wanted", ["flete", "de:cliente.example", "de:ana@cliente.example", "flete asunto:día"]
)
def test_all_of_it_however_close_the_messages_lie(
    inbox: MailFolder, wanted: str, is_common: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second window is guessed from the first: bursts, silence and a clock of tomorrow change how much it holds."""
    monkeypatch.setattr(search_windows, "NEAR", 1)
    monkeypatch.setattr(search_windows, "WINDOWS", (3, 6))
    monkeypatch.setattr(mail_search, "HITS_AT_ONCE", (1 if is_common else 500, 2))
    written = [900, 30, 29, 28, 20, 2, 1.5, 1, 0.5, -9_000]
    for days in written:
        arrive(inbox, f"día {days}", "el flete", days=days)

    both = search_messages(asked(wanted), [inbox], budget_seconds=60)

    assert [message.subject for message in both.messages] == [f"día {each}" for each in written]
    assert both.older is None


def test_the_window_that_is_always_looked_at_holds_no_more_than_it_says(
    inbox: MailFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However far apart the newest lie, and however close the older ones."""
    monkeypatch.setattr(search_windows, "NEAR", 1)
    monkeypatch.setattr(search_windows, "WINDOWS", (3, 6))
    for days in (300, 200, 100, 0.04, 0.03, 0.02, 0.01):
        arrive(inbox, f"día {days}", "el flete", days=days)

    first = search_messages(asked("flete"), [inbox], budget_seconds=-1)

    assert [message.subject for message in first.messages] == ["día 300", "día 200", "día 100"]
    assert first.older is not None


def test_files_by_their_names(inbox: MailFolder) -> None:
    for name in ("CO-2189 firmada.pdf", "otro.pdf"):
        receive(inbox, make_raw(subject=name, files=((name, b"%PDF-1.7 x"),)))

    assert [f.attachment.file_name for f in search_files(asked("firmada"), [inbox])] == [
        "CO-2189 firmada.pdf"
    ]
    assert len(search_files(asked("adjunto:*"), [inbox])) == 2
    assert search_files(asked("de:ana"), [inbox]) == []


def test_the_piece_that_shows_why_is_of_the_text(inbox: MailFolder) -> None:
    placement = receive(inbox, make_raw(subject="Asunto", text="Hablamos del flete de ayer."))

    pieces = excerpts_of([placement.message], tsquery_of("flete"))

    assert pieces[placement.message_id].startswith("Hablamos del \x01flete\x02 de ayer")


@pytest.mark.parametrize(
    ("text", "before", "after"),
    [
        ("El flete va aparte.", False, False),
        ("El flete va aparte. " + "Y algo más. " * 30, False, True),
        ("Buenos días. " * 30 + "El flete va aparte. " + "Y algo más. " * 30, True, True),
        ("Buenos días. " * 30 + "El flete va aparte.", True, False),
    ],
)
def test_a_piece_says_where_it_is_cut_out(
    inbox: MailFolder, text: str, before: bool, after: bool
) -> None:
    """S3-22: what begins amid a sentence looks as if that were how they wrote."""
    placement = receive(inbox, make_raw(text=text))

    piece = excerpts_of([placement.message], tsquery_of("flete"))[placement.message_id]

    assert "\x01flete\x02" in piece
    assert (piece.startswith("… "), piece.endswith(" …")) == (before, after)


def test_a_message_without_a_word_has_no_piece(inbox: MailFolder) -> None:
    """S3-22: it was found by its subject, or by the name of its file."""
    placement = receive(inbox, make_raw(subject="Flete", text="", files=(("flete.pdf", b"%PDF"),)))

    assert excerpts_of([placement.message], tsquery_of("flete")) == {placement.message_id: ""}


def test_the_marks_of_what_is_repeated_are_no_part_of_the_piece(inbox: MailFolder) -> None:
    placement = receive(inbox, make_raw(text="Ayer escribió:\n> Inés:\n>\n> > El flete va aparte."))

    piece = excerpts_of([placement.message], tsquery_of("flete"))[placement.message_id]

    assert " ".join(piece.split()).startswith("Ayer escribió: Inés: El \x01flete\x02 va")


def test_a_piece_says_numbers_as_they_were_written(inbox: MailFolder) -> None:
    """S3-22: they are found by their pieces, and shown whole."""
    text = "Sobre la FV-12735 y la FAC-2024/0012 de orden_compra: el flete no coincide."
    placement = receive(inbox, make_raw(subject="A", text=text))

    for words, shown in (
        ("flete", "orden_compra: el flete no"),
        ("12735", "FV-12735 y la FAC-2024/0012 de"),
        ("FAC-2024/0012", "FAC-2024/0012 de orden_compra"),
    ):
        piece = excerpts_of([placement.message], tsquery_of(words))[placement.message_id]
        assert shown in re.sub("[\\x01\\x02]", "", piece)
    assert found("0012", inbox) == ["A"]
    assert found("orden_compra", inbox) == ["A"]


def test_signs_within_words_part_them_as_spaces_do(inbox: MailFolder) -> None:
    """What is kept for the pieces is searched as if it were not there."""
    text = "https://a-b.test/x/y_z?q=1-2 ana-maria@c_d-e.test FV-1/2_3 a--b x-/y 2026-07-01 -5 C:/d"

    parted, kept = (
        db.session.scalar(select(func.to_tsvector("mail_es", words)))
        for words in (searched_words(text), kept_words(text))
    )

    assert kept == parted
    assert shown_words(kept_words(text)) == text
