"""What somebody types into the search, understood."""

from datetime import UTC, date, datetime

import pytest

from services.mailbox.search_question import question_of

TODAY = date(2026, 11, 27)


def test_words_and_fields_in_both_languages() -> None:
    """S3-22: `de: para: asunto: adjunto: cuenta: fecha:` and the same in English."""
    spanish = question_of('flete de:lanapa.test para:"Lucía Ordóñez" asunto:Re', today=TODAY)
    english = question_of('flete from:lanapa.test to:"Lucía Ordóñez" subject:Re', today=TODAY)

    assert spanish.words == english.words == "flete"
    for question in (spanish, english):
        assert question.values("sender") == ("lanapa.test",)
        assert question.values("recipient") == ("Lucía Ordóñez",)
        assert question.values("subject") == ("Re",)


def test_a_blank_behind_the_colon_is_no_matter() -> None:
    """S3-22: as people write it, and as telephones do it for them; a field without a value takes nothing from the next."""
    question = question_of('flete De: ana asunto: "nota de crédito"', today=TODAY)

    assert question.words == "flete"
    assert question.values("sender") == ("ana",)
    assert question.values("subject") == ("nota de crédito",)
    assert question.without(question.terms[0]) == 'flete asunto: "nota de crédito"'
    assert question_of("de: asunto:pago", today=TODAY).values("subject") == ("pago",)


@pytest.mark.parametrize(
    ("written", "since", "until"),
    [
        ("24/11/2026", datetime(2026, 11, 24, tzinfo=UTC), datetime(2026, 11, 25, tzinfo=UTC)),
        ("3-7-2026", datetime(2026, 7, 3, tzinfo=UTC), datetime(2026, 7, 4, tzinfo=UTC)),
        ("07/2026", datetime(2026, 7, 1, tzinfo=UTC), datetime(2026, 8, 1, tzinfo=UTC)),
        (
            "01/03/2026..15/3/2026",
            datetime(2026, 3, 1, tzinfo=UTC),
            datetime(2026, 3, 16, tzinfo=UTC),
        ),
        ("2026", datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)),
        ("2026-07", datetime(2026, 7, 1, tzinfo=UTC), datetime(2026, 8, 1, tzinfo=UTC)),
        ("2026-12", datetime(2026, 12, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)),
        ("2026-07-15", datetime(2026, 7, 15, tzinfo=UTC), datetime(2026, 7, 16, tzinfo=UTC)),
        ("2026-01..2026-03", datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)),
        ("2026-03..", datetime(2026, 3, 1, tzinfo=UTC), None),
        (">2026-03", datetime(2026, 3, 1, tzinfo=UTC), None),
        ("<2026", None, datetime(2026, 1, 1, tzinfo=UTC)),
        ("hoy", datetime(2026, 11, 27, tzinfo=UTC), datetime(2026, 11, 28, tzinfo=UTC)),
        ("yesterday", datetime(2026, 11, 26, tzinfo=UTC), datetime(2026, 11, 27, tzinfo=UTC)),
    ],
)
def test_days(written: str, since: datetime | None, until: datetime | None) -> None:
    question = question_of(f"fecha:{written}", today=TODAY)

    assert (question.since, question.until) == (since, until)


@pytest.mark.parametrize(
    "written", ["2026-13", "31/02/2026", "ayer-no", "2026-02-30", "..", "0000", "9999"]
)
def test_what_is_no_day_is_said(written: str) -> None:
    assert question_of(f"fecha:{written}", today=TODAY).unread_days == (written,)


def test_a_term_is_taken_away_as_it_was_written() -> None:
    question = question_of("flete de:ana fecha:2026", today=TODAY)

    assert question.without(question.terms[0]) == "flete fecha:2026"


def test_an_address_in_the_text_is_a_word() -> None:
    assert question_of("http://x.test a:b", today=TODAY).words == "http://x.test a:b"
