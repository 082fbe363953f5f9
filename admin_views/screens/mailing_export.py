"""The list of a mailing as it is filtered, as a sheet; what a sheet would run is made harmless."""

import tempfile
import uuid
from collections.abc import Iterator
from typing import Any

from flask import Response, request, send_file, stream_with_context
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from admin_views.reader_formats import language, zone
from admin_views.screens.mailing_door import blueprint, the_mailing
from admin_views.screens.mailing_recipient import (
    channel_words,
    copy_words,
    roles_words,
    sentence_of,
)
from admin_views.screens.mailing_recipients import wanted_part
from admin_views.screens.mailing_words import reason_words
from admin_views.stored_files import disposition
from files.sheet_writing import csv_chunks, write_xlsx
from models.base import db
from models.mailings.mailing import Mailing
from models.states import state_word
from models.tenancy import current_scope, enter
from services.mailings.recipient_views import Wanted
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
    wanted = wanted_part()
    name = _("mailing-%(number)s-recipients", number=mailing.number)
    if request.args.get("format") == "csv":
        mark = "," if language() == "es" else "."
        body = csv_chunks(header, _later(mailing.id, wanted), decimal_mark=mark)
        answer = Response(stream_with_context(body), mimetype="text/csv")
        answer.headers["Content-Disposition"] = disposition("attachment", f"{name}.csv")
        return answer
    sheet = tempfile.TemporaryFile()  # noqa: SIM115  # the answer closes it
    write_xlsx(header, _cells(mailing, wanted), sheet, sheet_name=name)
    sheet.seek(0)
    return send_file(sheet, XLSX, as_attachment=True, download_name=f"{name}.xlsx")


def _later(mailing_id: int, wanted: Wanted) -> Iterator[list[Any]]:
    """The same rows while the answer is on its way, when the session of the request has ended."""
    scope = current_scope()

    def rows() -> Iterator[list[Any]]:
        enter(scope)
        yield from _cells(db.session.get_one(Mailing, mailing_id), wanted)

    return rows()


def _cells(mailing: Mailing, wanted: Wanted) -> Iterator[list[Any]]:
    for row in every_recipient(mailing, wanted):
        yield [
            row.customer_number,
            row.customer,
            row.contact,
            row.address,
            ", ".join(map(copy_words, row.copies)) or None,
            roles_words(row.role) or None,
            ", ".join(row.documents),
            channel_words(row.channel) or None,
            str(state_word(row.state)),
            reason_words(row.reason) or None,
            sentence_of(row) or None,
            row.sent_at.astimezone(zone()).replace(tzinfo=None, microsecond=0)
            if row.sent_at
            else None,
            row.attempts,
            row.smtp_code,
        ]
