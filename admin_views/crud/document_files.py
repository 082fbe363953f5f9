"""The files of a document: its PDF, and what people attach to it."""

from typing import Any

from flask import Response, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_admin.form import BaseForm
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectField

from admin_views import reader_formats as reader
from admin_views.file_field import StoredFileField, sent_form
from admin_views.state_badges import Look, badge
from admin_views.stored_files import disposition, download
from admin_views.verbs import Verb
from errors import AppError, Conflict
from jobs.mailings import workshop
from models.base import db
from models.sales.document_file import DocumentFile, DocumentFileKind
from models.sales.document_state import DocumentState
from models.states import state_word
from services.sales.document_files import attach, attachment, attachments_of, detach
from services.sales.pdf import pdf_of
from services.system.retelling import retold
from services.system.uploads import size_words

CHOICES = (DocumentFileKind.XML, DocumentFileKind.ANNEX)
LOOKS = {
    DocumentFileKind.XML: Look("info", "file-invoice"),
    DocumentFileKind.ANNEX: Look("", "file-text"),
}
DETACH = Verb(
    name="detach",
    label=_l("Remove"),
    icon="trash",
    run=lambda record: None,
    right="attach",
    question=_l("Remove “%(name)s”?"),
    explanation=_l("Mails that carried it already keep it."),
    done=_l("“%(name)s” was removed."),
    is_danger=True,
)


class AttachForm(BaseForm):
    """Which file, and what it is to the document."""

    kind = SelectField(
        _l("What it is"), choices=[kind.value for kind in CHOICES], coerce=DocumentFileKind
    )
    file = StoredFileField(_l("File"), can_be_empty=False)


def attach_form(posted: Any = None) -> AttachForm:
    form = AttachForm(posted)
    form.kind.choices = [(kind.value, str(state_word(kind))) for kind in CHOICES]
    return form


class DocumentFileRoutes:
    """Show the PDF; attach, load and remove files, also of a document that is posted."""

    details_template_name = "admin/sales/document.html"

    def further_entries(self: Any, key: str) -> list[dict[str, Any]]:
        return [
            {
                "name": "pdf",
                "label": _("View PDF"),
                "icon": "file-type-pdf",
                "url": self.pdf_url(key),
                "tab": True,
            }
        ]

    def pdf_url(self: Any, key: Any) -> str:
        return f"{self.url}/pdf/?id={key}"

    def refused_entries(self, record: Any) -> str:
        names: str = super().refused_entries(record)  # type: ignore[misc]
        return f"{names} pdf".strip() if record.state is DocumentState.DRAFT else names

    def record_context(self: Any, record: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().record_context(record)  # type: ignore[misc]
        may_attach = self.allows("attach")
        return {
            **context,
            "attachments": [self._attachment(record, one) for one in attachments_of(record)],
            "attach_form": attach_form() if may_attach else None,
            "attach_url": f"{self.url}/attach/?id={record.id}",
        }

    def _attachment(self: Any, record: Any, one: DocumentFile) -> dict[str, Any]:
        keys = f"?id={record.id}&file={one.id}"
        return {
            "name": str(one),
            "url": f"{self.url}/attachment/{keys}",
            "kind": badge(str(state_word(one.kind)), LOOKS[one.kind]),
            "size": size_words(one.file.size_bytes),
            "added": reader.moment(one.created_at),
            "remove_url": f"{self.url}/detach/{keys}",
        }

    @expose("/pdf/")
    def pdf_view(self: Any) -> ResponseReturnValue:
        """The PDF in the browser. Nothing is written: whoever sends it keeps it."""
        record = self.find(request.args.get("id"))
        if record.state is DocumentState.DRAFT:
            raise Conflict(_("A draft has no PDF yet. Post it first."))
        pdf = pdf_of(record, workshop())
        answer = Response(workshop().store.read(pdf.sha256), mimetype="application/pdf")
        answer.headers["Content-Disposition"] = disposition("inline", pdf.filename)
        return answer

    @expose("/attachment/")
    def attachment_view(self: Any) -> ResponseReturnValue:
        """An attached file, to be kept."""
        _record, one = self._asked_for()
        return download(one.file.sha256, name=str(one), media_type=one.file.media_type)

    @expose("/attach/", methods=("POST",))
    def attach_view(self: Any) -> ResponseReturnValue:
        """Add a file; one that cannot be used is told at the field."""
        self.require("attach")
        record = self.find(request.args.get("id"))
        form = attach_form(sent_form())
        upload = form.file.upload
        if form.validate() and upload is not None:
            try:
                added = attach(record, upload, form.kind.data)
            except AppError as problem:
                db.session.rollback()
                form.file.errors = [retold(problem.message)]
            else:
                name = str(added)
                db.session.commit()
                flash(_("“%(name)s” was attached.", name=name))
                return redirect(f"{self.record_url(record)}#files")
        return self.details_of(record, attach_form=form), 422

    @expose("/detach/", methods=("GET", "POST"))
    def detach_view(self: Any) -> ResponseReturnValue:
        """Take a file out: GET asks, POST does."""
        self.require("attach")
        record, one = self._asked_for()
        name = str(one)
        if request.method != "POST":
            return self._question(
                title=str(DETACH.question).replace("%(name)s", name),
                verb=DETACH,
                action_url=url_for(".detach_view", id=record.id, file=one.id),
                pairs=[("url", self.record_url(record))],
            )
        detach(record, one)
        db.session.commit()
        flash(str(DETACH.done).replace("%(name)s", name))
        return redirect(f"{self.record_url(record)}#files")

    def _asked_for(self: Any) -> tuple[Any, DocumentFile]:
        """The record and its file; 404 for the file of any other record."""
        record = self.find(request.args.get("id"))
        key = request.args.get("file", "")
        if not key.isdecimal() or len(key) > 18:
            abort(404)
        return record, attachment(record, int(key))
