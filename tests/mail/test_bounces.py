"""What a returned message says, in the many ways in which servers say it (X1-08)."""

import base64
from uuid import UUID

import pytest

from mail.bounce_grades import Grade, grade_of
from mail.bounces import Bounce, read_bounce
from mail.delivery_marks import marks_in_ids
from tests.factories.bounces import make_exim_bounce, make_qmail_bounce, make_report

ANA = "ana@cliente.example"
KEY = UUID("01940000-0000-7000-8000-00000000abcd")
OLDER = UUID("01940000-0000-7000-8000-000000000001")
OURS = f"From: ventas@penalba.example\nReferences: <d.{OLDER}@penalba.example>\nMessage-ID: <d.{KEY}@penalba.example>\n"


def only(bounce: Bounce) -> tuple[str, Grade, str | None]:
    [failure] = bounce.failures
    return failure.addresses[-1], failure.grade, failure.status


def test_a_report_by_the_standard() -> None:
    """G DSN 5.1.1, with the message it is about."""
    bounce = read_bounce(make_report(ANA, original="Ana@Cliente.example", returned=OURS))

    [failure] = bounce.failures
    assert failure.addresses == ("Ana@Cliente.example", ANA)
    assert (failure.grade, failure.status, failure.smtp_code) == (Grade.HARD, "5.1.1", 550)
    assert failure.diagnostic == "550 5.1.1 User unknown"
    assert bounce.deliveries == (KEY,)  # not the one that it answers


@pytest.mark.parametrize(
    ("how", "grade"),
    [
        ({"status": "5.2.2", "diagnostic": "smtp; 552 5.2.2 Mailbox full"}, Grade.SOFT),
        ({"status": "5.7.1", "diagnostic": "smtp; 550 5.7.1 Spam"}, Grade.SOFT),
        ({"status": "4.4.1", "diagnostic": "X-Postfix; connection timed out"}, Grade.SOFT),
        ({"status": "4.4.1", "action": "delayed"}, Grade.DELAYED),
        ({"status": "5.0.0", "diagnostic": "smtp; 550 5.1.1 no such user"}, Grade.HARD),
        ({"status": "5.0.0", "diagnostic": "smtp; 550 User unknown"}, Grade.HARD),
        ({"status": "5.0.0", "diagnostic": "smtp; 550 go away"}, Grade.SOFT),
        (
            {
                "status": "5.4.1",
                "diagnostic": "smtp; 550 5.4.1 Recipient address rejected: Access denied.",
            },
            Grade.HARD,
        ),
    ],
)
def test_how_final_a_report_is(how: dict[str, str], grade: Grade) -> None:
    """X1-08: only an address that does not exist is to be marked."""
    assert only(read_bounce(make_report(ANA, **how)))[1] is grade


@pytest.mark.parametrize("action", ["delivered", "relayed", "expanded", "", "fehlgeschlagen"])
def test_what_reports_no_failure(action: str) -> None:
    assert read_bounce(make_report(ANA, action=action)).failures == ()


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (make_qmail_bounce(ANA, returned=OURS), (ANA, Grade.HARD, "5.1.1")),
        (
            make_exim_bounce(ANA, "550 5.1.1 no such user", returned=OURS),
            (ANA, Grade.HARD, "5.1.1"),
        ),
        (make_exim_bounce(ANA, "552 5.2.2 full", returned=OURS), (ANA, Grade.SOFT, "5.2.2")),
        (make_exim_bounce(ANA, "550 Unknown user", returned=OURS), (ANA, Grade.HARD, None)),
    ],
)
def test_what_is_written_for_people(raw: bytes, told: tuple[str, Grade, str | None]) -> None:
    """The addresses of networks in it are no codes."""
    bounce = read_bounce(raw)

    assert only(bounce) == told
    assert bounce.deliveries == (KEY,)


def test_our_own_field_names_the_message_best() -> None:
    """Relays may write a Message-ID of their own."""
    returned = f"Message-ID: <d.{OLDER}@penalba.example>\nX-Ventanilla-Delivery: {KEY}\n"

    assert read_bounce(make_report(ANA, returned=returned)).deliveries == (KEY,)


def test_what_is_encoded_is_found_too() -> None:
    encoded = base64.encodebytes(OURS.encode()).decode()
    raw = make_report(ANA).replace(
        b"Content-Type: text/rfc822-headers\r\n\r\nSubject: x\r\n",
        f"Content-Type: text/rfc822-headers\r\nContent-Transfer-Encoding: base64\r\n\r\n{encoded}".encode(),
    )

    assert read_bounce(raw).deliveries == (KEY,)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"hola",
        b"From: MAILER-DAEMON@x\r\n\r\nno words about anybody",
        b"Content-Type: multipart/report\r\n\r\nno parts",
        b"Content-Type: message/delivery-status\r\n\r\n\r\n\r\n",
        b"From: a\r\nX-Failed-Recipients: ;;;,,,\r\n\r\n",
    ],
)
def test_what_says_nothing_is_nothing(raw: bytes) -> None:
    assert read_bounce(raw) == Bounce((), ())


def test_it_comes_out_of_the_child_as_it_was() -> None:
    bounce = read_bounce(make_report(ANA, returned=OURS))

    assert Bounce.from_json(bounce.to_json()) == bounce


def test_only_ids_as_we_write_them_are_ours() -> None:
    ids = [f"<d.{KEY}@penalba.example>", "<d.1@x>", f"<x.{KEY}@x>", f"<d.{KEY}@x> <d.{OLDER}@x>"]

    assert marks_in_ids(ids) == [KEY]


def test_words_about_a_full_mailbox_outdo_words_about_none() -> None:
    assert grade_of(None, "user unknown? no: mailbox full") is Grade.SOFT


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("utf-8; ñ@ñ.example", "ñ@ñ.example"),
        (r"utf-8; jos\x{E9}@pe\x{F1}alba.example", "josé@peñalba.example"),
        (r"rfc822; jos\x{E9}@example.com", r"jos\x{E9}@example.com"),  # no escape there
        (r"utf-8; a\x{D800}\x{FFFFFF}@example.com", r"a\x{D800}\x{FFFFFF}@example.com"),
    ],
)
def test_addresses_in_utf_8(written: str, address: str) -> None:
    """X1-08, RFC 6533: the type of the address says how its letters are written."""
    raw = make_report("ana@cliente.example", returned=OURS).replace(
        b"rfc822; ana@cliente.example", written.encode()
    )

    assert only(read_bounce(raw))[0] == address
