"""Customer groups."""

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship, remote

from models.base import AdminInfo, EditableRecord, within_organization
from models.keys import belongs_to


class CustomerGroup(EditableRecord):
    """Customers who are treated alike: same mailings, same texts."""

    __tablename__ = "customer_group"
    __table_args__ = (
        within_organization(),
        UniqueConstraint("organization_id", "code"),
        belongs_to("customer_group", "parent_id"),
        CheckConstraint("parent_id <> id", name="not_its_own_parent"),
    )
    __admin__ = AdminInfo(
        label=_l("Customer group"),
        plural=_l("Customer groups"),
        menu=(_l("Finance"), _l("Receivables"), _l("Setup"), _l("Customer Groups")),
        icon="users-group",
        sort="name",
        order=30,
    )

    code: Mapped[str] = mapped_column(info={"label": _l("Code"), "search": True})
    name: Mapped[str] = mapped_column(
        info={"label": _l("Name"), "search": True, "inline_edit": True}
    )
    parent_id: Mapped[int | None] = mapped_column(info={"label": _l("Under")})
    uses_portal: Mapped[bool] = mapped_column(
        default=False,
        info={
            "label": _l("Uses the portal"),
            "help": _l(
                "Without it, nobody of this group gets in and no e-mail of the portal leaves."
            ),
        },
    )
    tax_id_mask: Mapped[str | None] = mapped_column(
        info={
            "label": _l("Form of the tax id"),
            "help": _l("9 stands for a digit, A for a letter, * for either, such as 999999999-9."),
            "list": False,
            "bulk": False,
        }
    )

    parent: Mapped["CustomerGroup | None"] = relationship(
        primaryjoin=lambda: foreign(CustomerGroup.parent_id) == remote(CustomerGroup.id),
        info={"label": _l("Under")},
    )

    def __str__(self) -> str:
        return self.name
