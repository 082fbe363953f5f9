"""A file in a form: kept when nothing is chosen, taken out by a check box, and not lost when the form is refused."""

from typing import Any

from flask import current_app, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from itsdangerous import BadData, URLSafeTimedSerializer
from markupsafe import Markup
from werkzeug.datastructures import CombinedMultiDict, FileStorage
from wtforms.fields import Field
from wtforms.utils import unset_value
from wtforms.validators import ValidationError
from wtforms.widgets import html_params

from admin_views.stored_files import as_owner_of, file_of, store
from errors import Invalid
from files.upload_kinds import endings_of
from models.tenancy import current_scope
from services.system.uploads import (
    ANY_KIND,
    MOST_BYTES,
    Upload,
    keep,
    kinds_words,
    receive,
    size_words,
)

SECONDS_KEPT = 24 * 60 * 60


def sent_form() -> CombinedMultiDict[str, Any]:
    """What was posted, files too."""
    return CombinedMultiDict([request.files, request.form])


class FileWidget:
    """What is stored, the way to take it out, and the control that chooses another one."""

    def __call__(self, field: "StoredFileField", **kw: Any) -> Markup:
        kw.setdefault("id", field.id)
        kw["accept"] = ",".join(endings_of(field.kinds))
        kw["data-most"] = field.most_bytes
        kw["data-too-large"] = _("Larger than %(most)s", most=size_words(field.most_bytes))
        control = Markup("<input {}>").format(
            Markup(html_params(name=field.name, type="file", **kw))  # nosec B704  # escapes by itself
        )
        return Markup('<div class="v-file">{}{}{}</div>').format(
            self._present(field),
            control,
            Markup('<small class="dim">{}</small>').format(_limits(field)),
        )

    def _present(self, field: "StoredFileField") -> Markup:
        if field.upload is not None:
            return Markup(
                '<p class="v-file-now">{}<span class="dim num">{}</span><span>{}</span></p>'
                '<input type="hidden" name="{}" value="{}">'
            ).format(
                field.upload.name,
                size_words(field.upload.size_bytes),
                _("is saved with the rest"),
                field.kept_name,
                field.token(),
            )
        if not field.stored:
            return Markup()
        remove = Markup(
            '<label class="form-check"><input class="form-check-input" type="checkbox" name="{}"{}>'
            '<span class="form-check-label">{}</span></label>'
        ).format(field.remove_name, Markup(" checked") if field.is_removed else "", _("Remove"))
        return Markup('<p class="v-file-now">{}{}</p>').format(
            shown_file(field.record, field.stored, url_of(field.record, field.short_name)),
            remove if field.can_be_empty else "",
        )


def _limits(field: "StoredFileField") -> str:
    return _(
        "%(kinds)s, up to %(most)s",
        kinds=kinds_words(field.kinds),
        most=size_words(field.most_bytes),
    )


def url_of(record: Any, name: str) -> str:
    """Where the file in this column can be had; for pages of the record's own screen."""
    return url_for(".file_view", id=record.id, f=name)


def shown_file(record: Any, sha256: str, url: str) -> Markup:
    """Name, size and the link to a stored file."""
    file = file_of(record, sha256)
    name, size = (file.name, size_words(file.size_bytes)) if file else (_("Download"), "")
    return Markup('<a href="{}" download>{}</a> <span class="dim num">{}</span>').format(
        url, name, size
    )


class StoredFileField(Field):
    """Holds the hash of a file's content. What was uploaded is checked and stored at once; its row comes with the save."""

    widget = FileWidget()
    upload: Upload | None = None
    is_removed = False
    raw_data: list[Any] | None

    def __init__(
        self,
        label: Any = None,
        validators: Any = None,
        *,
        can_be_empty: bool,
        kinds: tuple[str, ...] = ANY_KIND,
        most_bytes: int = MOST_BYTES,
        **kw: Any,
    ) -> None:
        super().__init__(label, validators, **kw)
        self.can_be_empty = can_be_empty
        self.kinds = kinds
        self.most_bytes = most_bytes
        self.record: Any = None
        self.stored: str | None = None

    @property
    def file_name(self) -> str:
        """How the file in it is called, for people."""
        if self.upload is not None:
            return self.upload.name
        file = file_of(self.record, self.data) if self.data and self.record else None
        return file.name if file else _("A file")

    @property
    def kept_name(self) -> str:
        return f"{self.name}-kept"

    @property
    def remove_name(self) -> str:
        return f"{self.name}-remove"

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        self.upload, self.is_removed = None, False
        self.process_errors = []
        self.raw_data = None
        self.stored = None if data is unset_value else data
        self.data = self.object_data = self.stored
        if formdata is None:
            return
        self.raw_data = []  # validators of WTForms ask for it
        self.is_removed = self.can_be_empty and self.remove_name in formdata
        try:
            self.upload = self._received(formdata) or self._kept(formdata)
        except Invalid as problem:
            self.process_errors.append(problem.message)
        if self.upload is not None:
            self.data = self.upload.sha256
        elif self.is_removed:
            self.data = None

    def _received(self, formdata: Any) -> Upload | None:
        sent = formdata.get(self.name)
        if not isinstance(sent, FileStorage) or not sent.filename:
            return None
        return receive(
            sent.stream.read(self.most_bytes + 1),
            sent.filename,
            store=store(),
            kinds=self.kinds,
            most_bytes=self.most_bytes,
        )

    def _kept(self, formdata: Any) -> Upload | None:
        """What was uploaded with an earlier sending of the same form, which was refused for something else."""
        try:
            who, about = _signer().loads(formdata.get(self.kept_name, ""), max_age=SECONDS_KEPT)
        except BadData:
            return None
        return Upload(*about) if who == self._who() else None

    def token(self) -> str:
        """Says what was uploaded, in a form that only we can have written and only the same person can use."""
        assert self.upload is not None
        sent = self.upload
        about = [sent.sha256, sent.size_bytes, sent.media_type, sent.name]
        return str(_signer().dumps([self._who(), about]))

    def _who(self) -> list[Any]:
        return [current_user.user.id, current_scope().organization_id, self.name]

    def pre_validate(self, form: Any) -> None:
        if not self.process_errors and not self.data and not self.can_be_empty:
            raise ValidationError(_("Choose a file."))


def tell_record(form: Any, record: Any) -> None:
    """Tell the file fields of a form whose files they show."""
    for field in form:
        if isinstance(field, StoredFileField):
            field.record = record


def keep_uploads(form: Any, record: Any) -> None:
    """Write the rows of what was uploaded; the record has its key already."""
    with as_owner_of(record):
        for field in form:
            if isinstance(field, StoredFileField) and field.upload is not None:
                keep(field.upload)


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt="upload")
