"""What may stand in a cell, and what is odd without being wrong (S4-11 to S4-15)."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from errors import Invalid
from mail.envelope import EmailAddress
from models.mailbox.mail_sign_in import MailSecurity
from services.mailbox import cell_rules as rules
from services.mailbox.cell_doubts import doubts_about


@pytest.fixture(autouse=True)
def in_a_request(application: Flask) -> Iterator[None]:
    with application.test_request_context():
        yield


@pytest.mark.parametrize(
    ("typed", "domain", "address"),
    [
        ("jperez", "acme.com", "jperez@acme.com"),
        (" jperez@otra.com ", "acme.com", "jperez@otra.com"),
        ("ventas@peñalba.test", "", "ventas@xn--pealba-xwa.test"),
        ("muñoz", "acme.com", "muñoz@acme.com"),
    ],
)
def test_an_address_is_completed(typed: str, domain: str, address: str) -> None:
    """S4-17: the default domain completes a bare name, and an own domain stands beside it."""
    assert str(rules.address_in(typed, domain)) == address


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "jperez",
        "@acme.com",
        "a@@b.c",
        "a b@c.de",
        "a@b.c\r\nRCPT TO:<x@y.z>",
        "a@localhost",
    ],
)
def test_what_is_no_address_is_refused(typed: str) -> None:
    """S4-11: among them a bare name where there is no default domain."""
    with pytest.raises(Invalid):
        rules.address_in(typed, "")


@pytest.mark.parametrize(
    ("typed", "host"),
    [
        ("smtp.acme.com", "smtp.acme.com"),
        (" SMTP.Acme.com. ", "smtp.acme.com"),
        ("correo.peñalba.test", "correo.xn--pealba-xwa.test"),
        ("192.0.2.5", "192.0.2.5"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("mailhub", "mailhub"),
    ],
)
def test_a_server_is_a_bare_name(typed: str, host: str) -> None:
    """S4-13: kept in ASCII, as it is looked up."""
    assert rules.host_in(typed) == host


@pytest.mark.parametrize(
    "typed",
    [
        *("", "https://smtp.acme.com/", "smtp.acme.com:587", "ventas@acme.com", "smtp acme.com"),
        *("smtp.acme.com\r\nQUIT", "smtp\x00.com", "smtp..com", "-a.com", "300.1.1.1", "a" * 64),
        *("smtp.acme.com/x", "a." * 140 + "com", "smtp_acme.com"),
    ],
)
def test_what_is_no_server_is_refused(typed: str) -> None:
    """S4-13: a scheme, a port, a space, CRLF and the like."""
    with pytest.raises(Invalid):
        rules.host_in(typed)


def test_a_scheme_is_answered_with_what_was_meant() -> None:
    with pytest.raises(Invalid, match=r"smtp\.acme\.com"):
        rules.host_in("https://smtp.acme.com/correo")


@pytest.mark.parametrize("typed", ["0", "70000", "-1", "5,87", "587 x", "٥٨٧", "1e3", "9" * 30])
def test_a_port_is_from_1_to_65535(typed: str) -> None:
    """S4-14."""
    with pytest.raises(Invalid):
        rules.port_in(typed, 587)


@pytest.mark.parametrize("typed", ["0", "-5", "x", "1.5"])
def test_a_limit_is_above_zero(typed: str) -> None:
    with pytest.raises(Invalid):
        rules.limit_in(typed)


@pytest.mark.parametrize(
    ("typed", "security"),
    [
        ("SSL/TLS", MailSecurity.TLS),
        ("ssl", MailSecurity.TLS),
        ("StartTLS", MailSecurity.STARTTLS),
        ("Ninguna", MailSecurity.NONE),
        ("", MailSecurity.STARTTLS),
    ],
)
def test_security_is_read_as_spreadsheets_write_it(typed: str, security: MailSecurity) -> None:
    """S4-15: a pasted column says SSL, TLS, STARTTLS or none in either language."""
    assert rules.security_in(typed, MailSecurity.STARTTLS) is security


@pytest.mark.parametrize(
    ("values", "cell", "cure"),
    [
        ({"smtp_port": 465, "smtp_security": MailSecurity.STARTTLS}, "smtp_port", "tls"),
        ({"smtp_port": 587, "smtp_security": MailSecurity.TLS}, "smtp_port", "starttls"),
        ({"smtp_port": 993, "smtp_security": MailSecurity.TLS}, "smtp_port", "starttls"),
        (
            {"imap_host": "x.test", "imap_port": 993, "imap_security": MailSecurity.STARTTLS},
            "imap_port",
            "tls",
        ),
    ],
)
def test_an_odd_pair_of_port_and_security_is_doubted(
    values: dict[str, Any], cell: str, cure: str
) -> None:
    """S4-14, E-12: 465 with STARTTLS and 587 with SSL are said, with the way out."""
    doubt = doubts_about(values, set())[cell]

    assert doubt.cure[cell.replace("port", "security")] == cure


@pytest.mark.parametrize(
    ("port", "security"),
    [(465, MailSecurity.TLS), (587, MailSecurity.STARTTLS), (2525, MailSecurity.TLS)],
)
def test_a_usual_pair_is_not(port: int, security: MailSecurity) -> None:
    assert doubts_about({"smtp_port": port, "smtp_security": security}, set()) == {}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("smtp.gmial.com", "smtp.gmail.com"),
        ("smtp.penalva.test", "smtp.penalba.test"),
        ("imap.gmail.com", "smtp.gmail.com"),
    ],
)
def test_a_server_that_looks_mistyped_is_asked_about(typed: str, meant: str) -> None:
    """S4-13: "quiso decir", by the providers and the servers that the company's accounts use."""
    doubt = doubts_about({"smtp_host": typed}, {"smtp.penalba.test"})["smtp_host"]

    assert doubt.cure == {"smtp_host": meant}


@pytest.mark.parametrize("typed", ["smtp2.penalba.test", "smtp.acme.com", "smtp.gmail.com"])
def test_a_server_that_is_only_another_one_is_not(typed: str) -> None:
    assert doubts_about({"smtp_host": typed}, {"smtp1.penalba.test"}) == {}


def test_letters_before_the_at_that_few_servers_take_are_doubted() -> None:
    """Bad input: ñ in the local part wants SMTPUTF8."""
    doubt = doubts_about({"address": EmailAddress.parse("muñoz@acme.com")}, set())["address"]

    assert doubt.cure == {"address": "munoz@acme.com"}


def test_a_password_at_a_provider_that_ended_them_is_doubted() -> None:
    """E-1: Google and Microsoft sign in by permission."""
    values = {"smtp_host": "smtp.gmail.com", "password": "x"}

    assert "password" in doubts_about(values, set())
    assert "password" not in doubts_about(values | {"smtp_host": "smtp.acme.com"}, set())
