"""The list of a mailing as it is filtered, as a sheet; what a sheet would run is made harmless."""

import tempfile
import uuid
from collections.abc import Iterator
from typing import Any

from flask import Response, request, send_file
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from admin_views.reader_formats import language, zone
from admin_views.screens.mailing_door import blueprint, the_mailing
from admin_views.screens.mailing_recipients import wanted_part
from admin_views.stored_files import disposition
from files.sheet_writing import csv_chunks, write_xlsx
from models.mailings.mailing import Mailing
from services.mailings.reasons import sentence_for
from services.mailings.recipients import every_recipient

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("/<uuid:public_id>/recipients/export")
def export(public_id: uuid.UUID) -> ResponseReturnValue:
    mailing = the_mailing(public_id)
    header = [
        _("Number"), _("Third party"), _("Contact"), _("Address"), _("Copies"), _("Role"),
        _("Documents"), _("Channel"), _("State"), _("Reason"), _("Sentence"), _("Sent"),
        _("Attempts"), _("Server's answer"),
    ]  # fmt: skip
    rows = _cells(mailing)
    name = _("mailing-%(number)s-recipients", number=mailing.number)
    if request.args.get("format") == "csv":
        mark = "," if language() == "es" else "."
        answer = Response(csv_chunks(header, list(rows), decimal_mark=mark), mimetype="text/csv")
        answer.headers["Content-Disposition"] = disposition("attachment", f"{name}.csv")
        return answer
    sheet = tempfile.TemporaryFile()  # noqa: SIM115  # the answer closes it
    write_xlsx(header, rows, sheet, sheet_name=name)
    sheet.seek(0)
    return send_file(sheet, XLSX, as_attachment=True, download_name=f"{name}.xlsx")


def _cells(mailing: Mailing) -> Iterator[list[Any]]:
    for row in every_recipient(mailing, wanted_part()):
        yield [
            row.customer_number,
            row.customer,
            row.contact,
            row.address,
            ", ".join(row.copies) or None,
            row.role,
            ", ".join(row.documents),
            row.channel.value if row.channel else None,
            row.state.value,
            row.reason.value if row.reason else None,
            sentence_for(row.reason) or None,
            row.sent_at.astimezone(zone()).replace(tzinfo=None, microsecond=0)
            if row.sent_at
            else None,
            row.attempts,
            row.smtp_code,
        ]
