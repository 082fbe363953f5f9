"""The stable command line, from an account to a mailing that is delivered."""

import json
from pathlib import Path

import pytest

from models.base import db
from models.mailings.mailing import Mailing
from models.mailings.suppression import Suppression
from models.people.contact import AddressState
from models.people.organization import Organization
from models.sales.document_state import DocumentState
from tests.commands.conftest import Run
from tests.factories.people import make_contact, make_customer, make_group
from tests.factories.sales import make_document
from tests.servers.smtp_server import RecordingSmtpServer, Rule, ServerOptions

pytestmark = pytest.mark.slow


@pytest.fixture
def body(tmp_path: Path) -> Path:
    file = tmp_path / "body.txt"
    file.write_text(
        "Hola, {{ contact.name }}:\n\nVan {{ documents.numbers }} por {{ documents.total }}.\n"
    )
    return file


def register(run: Run, organization: Organization, body: Path, *more: object) -> dict:
    done = run(
        *(
            "mailing",
            "register",
            "--organization",
            organization.code,
            "--account",
            "caja@acme.test",
        ),
        *("--subject", "Factura {{ documents.numbers }}", "--body-file", body, "--json", *more),
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def add_account(run: Run, organization: Organization, port: int) -> None:
    done = run(
        *("account", "add", "--organization", organization.code, "--address", "caja@acme.test"),
        *("--smtp-host", "127.0.0.1", "--smtp-port", port, "--security", "none"),
    )
    assert done.returncode == 0, done.stderr
    assert "Warning" in done.stderr


def test_a_mailing_goes_from_register_to_finished_without_a_server(
    organization: Organization, run: Run, body: Path
) -> None:
    """S1-01: each customer gets its own invoices only, the ledger has a row per recipient."""
    for _ in range(6):
        customer = make_customer()
        make_contact(customer)
        make_document(customer)
        make_document(customer)
    late = make_customer(number="LATE")
    make_contact(late, email="bounced@example.com").emails[0].state = AddressState.BOUNCED
    make_document(late)
    make_document(late, state=DocumentState.DRAFT, number="900001")
    db.session.commit()
    with RecordingSmtpServer() as server:
        add_account(run, organization, server.port)
        made = register(run, organization, body, "--series", "FV")
        number = made["mailing"]
        started = run("mailing", "start", number)
        status = json.loads(run("mailing", "status", number, "--json").stdout)
        listed = [
            json.loads(line)
            for line in run("mailing", "list", number, "--json").stdout.splitlines()
        ]
        checked = run("mailing", "verify", number, "--json")

        assert made["state"] == "registered"
        assert made["counts"]["prepared"] == 6
        assert made["skipped"] == {"bounced_before": 1, "document_not_posted": 1}
        assert started.returncode == 0, started.stderr
        assert status["state"] == "finished"
        assert status["counts"] == {
            "prepared": 0,
            "queued": 0,
            "sending": 0,
            "sent": 6,
            "failed": 0,
            "unconfirmed": 0,
            "skipped": 2,
            "cancelled": 0,
        }
        assert status["started_at"]
        assert status["finished_at"]
        assert len(listed) == 8
        assert {row["message_id"] for row in listed if row["state"] == "sent"} == {
            message.message_id for message in server.accepted
        }
        assert all(len(row["documents"]) == 2 for row in listed if row["state"] == "sent")
        assert json.loads(checked.stdout)["ok"], checked.stdout
        assert checked.returncode == 0


def test_every_address_of_a_message_is_accounted_for(
    organization: Organization, run: Run, body: Path
) -> None:
    """S1-16: copies stand at their message, each with the server's own answer; so does the status."""
    customer = make_customer(number="K1")
    make_contact(customer, email="ana@example.com")
    make_document(customer)
    db.session.commit()
    rules = [Rule(point="rcpt", reply="550 5.1.1 no such user", recipient="gone")]
    with RecordingSmtpServer(ServerOptions(rules=rules)) as server:
        add_account(run, organization, server.port)
        copies = ("--cc", "socio@example.com", "--bcc", "gone@example.com")
        number = register(run, organization, body, "--series", "FV", *copies)["mailing"]
        run("mailing", "start", number)
        status = run("mailing", "status", number)
        report = json.loads(run("mailing", "status", number, "--json").stdout)
        (row,) = map(json.loads, run("mailing", "list", number, "--json").stdout.splitlines())
        lines = run("mailing", "list", number).stdout.splitlines()

    assert report["counts"]["sent"] == 1
    assert report["copies"] == {
        "waiting": 0, "accepted": 1, "refused": 1, "left_out": 0, "replaced": 0,
    }  # fmt: skip
    assert "1 accepted, 1 refused" in status.stdout
    assert [(each["address"], each["as"], each["state"]) for each in row["answers"]] == [
        ("ana@example.com", "to", "accepted"),
        ("socio@example.com", "cc", "accepted"),
        ("gone@example.com", "bcc", "refused"),
    ]
    assert lines[1:] == ["\tcc socio@example.com\taccepted", "\tbcc gone@example.com\trefused"]


def test_a_rehearsal_says_what_would_arrive(
    organization: Organization, run: Run, body: Path
) -> None:
    """N-06: every message arrives in a viewer inside this machine; exit code 1 if something is odd."""
    for name in ("ana", "bea"):
        customer = make_customer()
        make_contact(customer, email=f"{name}@example.com")
        make_document(customer)
    db.session.commit()
    add_account(run, organization, 2525)  # nobody listens there
    number = register(run, organization, body, "--series", "FV")["mailing"]
    clean = run("mailing", "rehearse", number, "--json")
    db.session.add(Suppression(address_norm="bea@example.com"))
    db.session.commit()
    odd = run("mailing", "rehearse", number)
    run("mailing", "cancel", number)
    late = run("mailing", "rehearse", number)

    assert json.loads(clean.stdout) == {
        "mailing": number, "planned": 2, "arrived": 2, "odd": 0, "problem": None, "problems": {},
    }  # fmt: skip
    assert clean.returncode == 0, clean.stderr
    assert odd.stdout.strip() == (
        "2 of 2 messages arrived in the viewer; odd: 1 suppressed. Nothing has left."
    )
    assert (odd.returncode, late.returncode) == (1, 2)
    assert late.stderr


def test_options_narrow_the_mailing(organization: Organization, run: Run, body: Path) -> None:
    """S1-07, S1-08: a range of numbers, a group, a role."""
    group = make_group(code="VIP")
    for place in (group, None):
        customer = make_customer(customer_group_id=place.id if place else None)
        make_contact(customer)
        make_contact(customer, roles=("technical",), is_primary=False)
        make_document(customer)
    db.session.commit()
    add_account(run, organization, 2525)

    made = register(
        *(
            run,
            organization,
            body,
            "--invoices",
            "FV-1..FV-999999",
            "--dates",
            "2026-07-01..2026-07-31",
        ),
        *("--group", "VIP", "--roles", "technical", "--one-mail-per", "document"),
    )

    assert made["counts"]["prepared"] == 1
    assert made["skipped"] == {}


def test_copies_answers_and_files_are_options(
    organization: Organization, run: Run, body: Path
) -> None:
    """X1-07, S1-09: and what is no address is named."""
    customer = make_customer()
    make_contact(customer)
    make_document(customer)
    db.session.commit()
    add_account(run, organization, 2525)
    options = ("--bcc", "archivo@acme.test", "--reply-to", "cobros@acme.test", "--kinds", "xml")

    made = register(run, organization, body, "--series", "FV", "--cc", "a@acme.test", *options)
    refused = run(
        *("mailing", "register", "--organization", organization.code),
        *("--account", "caja@acme.test", "--subject", "x", "--body-file", body, "--cc", "nobody"),
    )

    db.session.expire_all()
    mailing = db.session.get_one(Mailing, made["mailing"])
    assert (mailing.cc, mailing.bcc) == (["a@acme.test"], ["archivo@acme.test"])
    assert (mailing.reply_to, mailing.extra_file_kinds) == ("cobros@acme.test", ["xml"])
    assert refused.returncode != 0 and "nobody" in refused.stderr


def test_a_test_goes_to_one_address_with_its_mark(
    organization: Organization, run: Run, body: Path
) -> None:
    """S1-15: same text and PDF, a prefix, and nothing is marked as sent."""
    customer = make_customer(number="C-77")
    make_contact(customer)
    document = make_document(customer)
    db.session.commit()
    with RecordingSmtpServer() as server:
        add_account(run, organization, server.port)
        number = register(run, organization, body)["mailing"]
        done = run("mailing", "test", number, "--to", "qa@acme.test", "--sample", "C-77")
        status = json.loads(run("mailing", "status", number, "--json").stdout)

        assert done.returncode == 0, done.stderr
        assert [message.recipients for message in server.accepted] == [["qa@acme.test"]]
        assert b"Subject: [PRUEBA] Factura FV-" in server.accepted[0].raw
        assert f'filename="{document.label}.pdf"'.encode() in server.accepted[0].raw
        assert status["counts"]["prepared"] == 1
        assert status["counts"]["sent"] == 0


def test_a_refused_password_is_told_and_exit_code_2(
    organization: Organization, run: Run, body: Path
) -> None:
    customer = make_customer()
    make_contact(customer)
    make_document(customer)
    db.session.commit()
    with RecordingSmtpServer(ServerOptions(login="caja", password="right")) as server:
        run(
            *("account", "add", "--organization", organization.code, "--address", "caja@acme.test"),
            *("--smtp-host", "127.0.0.1", "--smtp-port", server.port, "--security", "none"),
            *("--login", "caja"),
            stdin="wrong\n",
        )
        number = register(run, organization, body)["mailing"]
        done = run("mailing", "test", number, "--to", "qa@acme.test")

        assert done.returncode == 2
        assert len(done.stderr.strip().splitlines()) == 1, done.stderr


def test_stop_is_refused_unless_it_is_sending(
    organization: Organization, run: Run, body: Path
) -> None:
    customer = make_customer()
    make_contact(customer)
    make_document(customer)
    db.session.commit()
    add_account(run, organization, 2525)
    number = register(run, organization, body)["mailing"]

    assert run("mailing", "stop", number).returncode == 2
    assert run("mailing", "cancel", number).returncode == 0
    assert run("mailing", "start", number).returncode == 2


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--smtp-host", "203.0.113.9", "--smtp-port", 25, "--security", "none"), 2),
        (("--smtp-host", "127.0.0.1", "--smtp-port", 0, "--security", "none"), 2),
        (("--smtp-host", "smtp.example.com", "--smtp-port", 587, "--security", "starttls"), 0),
    ],
)
def test_an_account_without_encryption_stays_near(
    organization: Organization, run: Run, arguments: tuple[object, ...], told: int
) -> None:
    done = run(
        *("account", "add", "--organization", organization.code, "--address", "a@acme.test"),
        *arguments,
    )

    assert done.returncode == told, done.stderr


def test_a_document_is_written_as_pdf(
    organization: Organization, run_anew: Run, tmp_path: Path
) -> None:
    document = make_document(make_customer())
    db.session.commit()
    output = tmp_path / "out.pdf"

    done = run_anew(
        *(
            "document",
            "pdf",
            document.label,
            "--organization",
            organization.code,
            "--output",
            output,
        )
    )

    assert done.returncode == 0, done.stderr
    assert output.read_bytes().startswith(b"%PDF-1.7")


def test_an_unconfirmed_message_is_resolved(
    organization: Organization, run: Run, body: Path
) -> None:
    """X1-01: the doubt is shown, and a person decides; a copy keeps its Message-ID."""
    customer = make_customer()
    make_contact(customer)
    make_document(customer)
    db.session.commit()
    options = ServerOptions(rules=[Rule(point="recorded", action="drop", times=1)])
    with RecordingSmtpServer(options) as server:
        add_account(run, organization, server.port)
        number = register(run, organization, body)["mailing"]
        run("mailing", "start", number)
        doubtful = json.loads(run("mailing", "list", number, "--json").stdout)
        done = run(
            *("mailing", "resolve", number, "--delivery", doubtful["message_id"], "--as", "resend")
        )
        status = json.loads(run("mailing", "status", number, "--json").stdout)
        checked = json.loads(run("mailing", "verify", number, "--json").stdout)

        assert doubtful["state"] == "unconfirmed"
        assert done.returncode == 0, done.stderr
        assert status["state"] == "finished"
        assert status["counts"]["sent"] == 1
        assert len({message.message_id for message in server.accepted}) == 1
        assert len(server.accepted) == 2
        assert checked["ok"], checked
