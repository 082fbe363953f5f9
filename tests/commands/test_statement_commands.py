"""Statements of account by command line: issued, and sent beside invoices."""

import json
from datetime import date
from pathlib import Path

import pytest

from models.base import db
from models.people.organization import Organization
from tests.commands.conftest import Run
from tests.factories.people import make_contact, make_customer, make_group, make_mail_account
from tests.factories.sales import make_document

pytestmark = pytest.mark.slow
JULY = "2026-07-01..2026-07-31"


@pytest.fixture
def company(organization: Organization) -> Organization:
    """Two customers with an invoice of July each, one of them in a group."""
    group = make_group(code="VIP")
    make_mail_account(address="caja@acme.test")
    for place in (group, None):
        customer = make_customer(customer_group_id=place.id if place else None)
        make_contact(customer)
        make_document(customer, issue_date=date(2026, 7, 3))
    db.session.commit()
    return organization


def issue(run: Run, company: Organization, *more: str) -> dict[str, int]:
    done = run(*("document", "issue-statements", "--organization", company.code, "--json", *more))
    assert done.returncode == 0, done.stderr
    told: dict[str, int] = json.loads(done.stdout)
    return told


def test_they_are_issued_once(run: Run, company: Organization) -> None:
    """S1-09: for a group, for all, and not twice."""
    assert issue(run, company, "--period", JULY, "--group", "VIP") == {
        "issued": 1,
        "issued_before": 0,
    }
    assert issue(run, company, "--period", JULY) == {"issued": 1, "issued_before": 1}
    assert issue(run, company, "--period", JULY) == {"issued": 0, "issued_before": 2}


@pytest.mark.parametrize(
    ("period", "sentence"),
    [
        ("2026-07-31..2026-07-01", "A range begins with its earlier day."),
        ("2099-01-01..2099-01-31", "A period may end today at the latest."),
        ("July", "takes two ends"),
    ],
)
def test_what_makes_no_sense_is_one_line(
    run: Run, company: Organization, period: str, sentence: str
) -> None:
    done = run(
        *("document", "issue-statements", "--organization", company.code, "--period", period)
    )

    assert done.returncode == 2
    assert sentence in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_mailing_takes_them_by_number(run: Run, company: Organization, tmp_path: Path) -> None:
    """S1-09: beside invoices, or alone."""
    issue(run, company, "--period", JULY)
    body = tmp_path / "body.txt"
    body.write_text("Van {{ documents.numbers }}.\n")
    for more, documents in ((["--series", "FV"], 2), ([], 1)):
        done = run(
            *("mailing", "register", "--organization", company.code, "--json"),
            *("--account", "caja@acme.test", "--subject", "S", "--body-file", body),
            *("--statements", "EC-1..EC-2", *more),
        )
        assert done.returncode == 0, done.stderr
        number = json.loads(done.stdout)["mailing"]
        rows = run("mailing", "list", number, "--json").stdout.splitlines()
        assert [len(json.loads(row)["documents"]) for row in rows] == [documents] * 2
