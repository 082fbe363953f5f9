"""Documents: their PDF, and statements of account."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from flask_babel import gettext as _

from commands.group import SentenceGroup, in_organization, say
from commands.mailing_options import customers_of_group, days_of
from errors import Invalid, NotFound
from jobs.mailings import workshop
from models.base import db
from models.sales.document import Document
from models.sales.document_state import DocumentKind
from services.sales.issuing_statements import (
    CUSTOMERS_AT_ONCE,
    customers_waiting,
    demand_of,
    issue_statements,
)
from services.sales.pdf import pdf_of
from services.sales.statements import Period

document = SentenceGroup(
    "document", help="Invoices, quotes, sales orders, credit notes, statements of account."
)


@document.command("pdf")
@click.argument("label", metavar="SERIES-NUMBER")
@click.option("--organization", "code", required=True)
@click.option("--output", required=True, type=click.Path(dir_okay=False, path_type=Path))
def document_pdf(label: str, code: str, output: Path) -> None:
    """Write a document as PDF; invoices come first if several kinds have the number."""
    in_organization(code)
    found = db.session.scalars(Document.labelled(label)).all()
    if not found:
        raise NotFound(_("There is no document %(label)s.", label=label))
    order = list(DocumentKind)
    order.sort(key=lambda kind: kind is not DocumentKind.INVOICE)
    chosen = min(found, key=lambda each: order.index(each.kind))
    place = workshop()
    pdf = pdf_of(chosen, place)
    db.session.commit()
    try:
        output.write_bytes(place.store.read(pdf.sha256))
    except OSError as problem:
        raise Invalid(f"{output} cannot be written: {problem.strerror}.") from problem
    click.echo(f"{chosen.label} was written to {output}.")


@document.command("issue-statements")
@click.option("--organization", "code", required=True)
@click.option("--period", required=True, metavar="D..D", help="As in 2026-07-01..2026-07-31.")
@click.option("--group", help="The customers of this group, by its code; else all.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def issue(code: str, period: str, group: str | None, as_json: bool) -> None:
    """Issue statements of account to who has a movement or a balance; commits as it goes.

    Who has one for this very period already keeps it.
    """
    place = in_organization(code)
    first, last = days_of(period, "--period")
    today = datetime.now(ZoneInfo(place.timezone)).date()
    wanted = Period.checked(first, last, today=today)
    customers = customers_of_group(group) if group else None
    demand = demand_of(wanted, customers)
    keys = list(db.session.scalars(customers_waiting(wanted, customers)))
    issued = 0
    for at in range(0, len(keys), CUSTOMERS_AT_ONCE):
        issued += len(issue_statements(keys[at : at + CUSTOMERS_AT_ONCE], wanted))
        db.session.commit()
        click.echo(f"{issued} of {demand.waiting} statements are issued.", err=True)
    say(
        {"issued": issued, "issued_before": demand.issued},
        as_json,
        f"{issued} statements were issued; {demand.issued} had been issued before.",
    )
