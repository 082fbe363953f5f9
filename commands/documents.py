"""Documents."""

from pathlib import Path

import click
from flask_babel import gettext as _

from commands.group import SentenceGroup, in_organization
from errors import Invalid, NotFound
from jobs.mailings import workshop
from models.base import db
from models.sales.document import Document
from models.sales.document_state import DocumentKind
from services.sales.pdf import pdf_of

document = SentenceGroup("document", help="Invoices, quotes, sales orders, credit notes.")


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
