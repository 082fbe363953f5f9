"""Imports of a sheet: the file, how its columns are read, and what became of it (L-10)."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Index
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from models.base import AdminInfo, EditableRecord
from models.keys import belongs_to
from models.states import move
from models.system.file import File


class ImportState(StrEnum):
    """Where an import is."""

    UPLOADED = "uploaded"
    CHECKING = "checking"
    CHECKED = "checked"
    IMPORTING = "importing"
    IMPORTED = "imported"
    FAILED = "failed"

    @classmethod
    def labels(cls) -> dict["ImportState", Any]:
        return {
            cls.UPLOADED: _l("Uploaded"),
            cls.CHECKING: _l("Checking"),
            cls.CHECKED: _l("Checked"),
            cls.IMPORTING: _l("Importing"),
            cls.IMPORTED: _l("Imported"),
            cls.FAILED: _l("Failed"),
        }


_S = ImportState
NEXT_STATES: dict[ImportState, set[ImportState]] = {
    _S.UPLOADED: {_S.CHECKING, _S.IMPORTING},
    _S.CHECKING: {_S.CHECKED, _S.FAILED},
    _S.CHECKED: {_S.CHECKING, _S.IMPORTING},
    _S.IMPORTING: {_S.IMPORTED, _S.FAILED},
    _S.IMPORTED: set(),
    _S.FAILED: {_S.CHECKING},
}


class ImportRun(EditableRecord):
    """One upload; `mapping` says which column is which field, `outcome` holds counts and wrong rows."""

    __tablename__ = "import_run"
    __table_args__ = (
        belongs_to("file"),
        belongs_to("file", "wrong_file_id"),
        Index("ix_import_run_by_id", "organization_id", "id"),
    )
    __admin__ = AdminInfo(
        label=_l("Sheet import"),
        plural=_l("Imports"),
        menu=None,  # the import screen is the way in
        icon="table-import",
        title="id",
        sort="-id",
        read_only=True,
    )

    subject: Mapped[str] = mapped_column(info={"label": _l("What")})
    file_id: Mapped[int] = mapped_column()
    state: Mapped[ImportState] = mapped_column(
        default=ImportState.UPLOADED, info={"label": _l("State")}
    )
    mapping: Mapped[dict[str, Any]] = mapped_column(default=dict, info={"hidden": True})
    options: Mapped[dict[str, Any]] = mapped_column(default=dict, info={"hidden": True})
    rows_total: Mapped[int | None] = mapped_column(info={"label": _l("Rows")})
    rows_done: Mapped[int] = mapped_column(default=0, info={"hidden": True})
    outcome: Mapped[dict[str, Any]] = mapped_column(default=dict, info={"hidden": True})
    wrong_file_id: Mapped[int | None] = mapped_column(info={"hidden": True})
    problem: Mapped[str | None] = mapped_column(info={"label": _l("Problem"), "list": False})
    started_at: Mapped[datetime | None] = mapped_column(info={"hidden": True})
    ended_at: Mapped[datetime | None] = mapped_column(info={"hidden": True})

    file: Mapped[File] = relationship(
        primaryjoin=lambda: foreign(ImportRun.file_id) == File.id, info={"label": _l("File")}
    )
    wrong_file: Mapped[File | None] = relationship(
        primaryjoin=lambda: foreign(ImportRun.wrong_file_id) == File.id, info={"hidden": True}
    )

    def change_state(self, to: ImportState) -> None:
        move(self, to=to, following=NEXT_STATES)

    def __str__(self) -> str:
        return f"{self.subject} {self.id}"
