"""Staff see the portal as a customer does: only to read, with an entry in the audit, and a right of its own (P-22)."""

from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext as _
from sqlalchemy import select

from admin_views.identity import current_staff, settings
from errors import Conflict
from models.audit_trail import record_event
from models.base import db
from models.portal.portal_settings import PortalSettings
from models.tenancy import current_scope
from services.portal.portal_cookie import cookie_of
from services.portal.portal_sessions import open_staff_look

RIGHT = ("portal_look", "open")


class CustomerLookRoutes:
    """An entry of a customer's menu, and what it does."""

    def further_entries(self: Any, key: str) -> list[dict[str, Any]]:
        if not current_staff().rights.allows(*RIGHT):
            return []
        return [
            {
                "name": "look",
                "label": _("See the portal as the customer"),
                "icon": "user-scan",
                "url": f"{self.url}/look/?id={key}",
                "kind": "post",
            }
        ]

    @expose("/look/", methods=("POST",))
    def look_view(self: Any) -> ResponseReturnValue:
        """Open it; the look ends by itself after half an hour."""
        staff = current_staff()
        staff.rights.require(*RIGHT)
        if current_scope().branch_id is not None:
            raise Conflict(
                _("The portal shows all branches. Choose the whole company above to look at it.")
            )
        customer = self.find(request.args.get("id"))
        name = db.session.scalars(select(PortalSettings.name)).one()
        token = open_staff_look(
            staff.user.id,
            customer.id,
            ip=request.remote_addr,
            user_agent=request.user_agent.string,
        )
        record_event(
            db.session(),
            entity="customer",
            entity_id=customer.id,
            action="look",
            after={"portal": name},
        )
        db.session.commit()
        answer = redirect(url_for("portal-home.home", portal_name=name))
        answer.set_cookie(**cookie_of(token, is_secure=settings().secure_cookies))
        return answer
