"""Where the next number of a document comes from."""

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, Select, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from models.base import AdminInfo, EditableRecord
from models.sales.document_state import DocumentKind


class NumberSeries(EditableRecord):
    """A run of numbers for one kind of document, such as FV for invoices."""

    __tablename__ = "number_series"
    __table_args__ = (
        UniqueConstraint("organization_id", "kind", "series"),
        CheckConstraint("next_number > 0", name="numbers_are_positive"),
        CheckConstraint("padding BETWEEN 0 AND 12", name="padding_is_short"),
    )
    __admin__ = AdminInfo(
        label=_l("Number series"),
        plural=_l("Series of numbers"),
        menu=(_l("Finance"), _l("Receivables"), _l("Setup"), _l("Number series")),
        icon="list-numbers",
        title="series",
        order=35,
    )

    kind: Mapped[DocumentKind] = mapped_column(info={"label": _l("Kind")})
    series: Mapped[str] = mapped_column(info={"label": _l("Series")})
    next_number: Mapped[int] = mapped_column(
        default=1, info={"label": _l("Next number"), "bulk": False}
    )
    padding: Mapped[int] = mapped_column(
        default=0,
        info={"label": _l("Digits"), "help": _l("Shorter numbers get zeros in front; 0 for none.")},
    )
    is_default: Mapped[bool] = mapped_column(
        default=True, info={"label": _l("Default"), "bulk": False}
    )

    @classmethod
    def of(cls, kind: DocumentKind, series: str) -> Select[Any]:
        """The row to take a number from, locked until the transaction ends."""
        return select(cls).where(cls.kind == kind, cls.series == series).with_for_update()

    def take(self) -> tuple[str, int]:
        """The next number, as text and as a number; it is used up."""
        number = self.next_number
        self.next_number = number + 1
        return str(number).zfill(self.padding), number

    def __str__(self) -> str:
        return self.series
