"""Links to documents that are out there, to be withdrawn."""

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import joinedload

from admin_views.base import ModelScreen
from admin_views.columns import Described
from admin_views.registry import screen_for
from admin_views.verbs import Verb
from models.people.customer import Customer
from models.portal.share_link import ShareLink
from models.sales.document import Document

CUSTOMER = Described("customer", _l("Customer"), {}, Customer.__table__.c.name)


@screen_for(ShareLink)
class ShareLinkScreen(ModelScreen):
    """Made with a message; here one sees until when they work."""

    list_columns = (
        "document",
        "customer",
        "view_count",
        "last_viewed_at",
        "expires_at",
        "revoked_at",
        "created_at",
    )
    verbs = (
        Verb(
            name="revoke",
            label=_l("Withdraw the link"),
            icon="link-off",
            run=ShareLink.revoke,
            right="revoke",
            fits=lambda link: link.is_in_force,
            question=_l("Withdraw this link?"),
            explanation=_l("Whoever opens it sees that it does not work any more."),
            done=_l("The link is withdrawn."),
            is_danger=True,
        ),
    )

    def extra_columns(self) -> dict[str, Described]:
        return {"customer": CUSTOMER}

    def loading(self) -> list[Any]:
        return [*super().loading(), joinedload(ShareLink.document).joinedload(Document.customer)]

    def cell_of(self, column: Described) -> Any:
        if column.name == "customer":
            return lambda link: link.document.customer.name
        return super().cell_of(column)

    def export_value(self, column: Described) -> Any:
        if column.name == "customer":
            return lambda link: link.document.customer.name
        return super().export_value(column)
