"""The links to the customer's documents that are in force, and how to withdraw one (P-09)."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _

from errors import NotFound
from models.base import db
from models.portal.portal_event import PortalEventKind
from models.portal.share_link import ShareLink
from models.sales.document_state import DocumentKind
from portal.company_clock import there
from portal.frame import page
from portal.guard import current_visitor, portal_blueprint
from portal.own_documents import current_sight
from services.portal.document_links import link_in_force, links_in_force
from services.portal.events import note_event
from services.sales.formats import shown_date

blueprint = portal_blueprint("links", __name__)


@blueprint.get("/links")
def links() -> str:
    return render_template(
        "portal/links.html",
        page=page("links"),
        rows=[_row(link) for link in links_in_force(current_sight())],
        may_revoke=not current_visitor().is_staff,
    )


@blueprint.post("/links/<int:link_id>/revoke")
def revoke(link_id: int) -> ResponseReturnValue:
    """Whoever opens it from now on sees that it does not work any more."""
    link = link_in_force(current_sight(), link_id) if link_id < 2**63 else None
    if link is None:
        raise NotFound(_("This link does not exist, or does not work any more."))
    link.revoke()
    label = link.document.label
    note_event(PortalEventKind.REVOKED_LINK, link.document, ip=request.remote_addr)
    db.session.commit()
    flash(_("The link to “%(document)s” does not work any more.", document=label))
    return redirect(url_for("portal-links.links"))


def _row(link: ShareLink) -> dict[str, object]:
    lang = str(get_locale() or "es")
    document = link.document
    viewed = link.last_viewed_at
    return {
        "name": f"{DocumentKind.labels()[document.kind]} {document.label}",
        "url": url_for("portal-document.document", public_id=document.public_id),
        "until": shown_date(there(link.expires_at).date(), lang),
        "made": shown_date(there(link.created_at).date(), lang),
        "views": link.view_count,
        "last": shown_date(there(viewed).date(), lang) if viewed else "",
        "revoke_url": url_for("portal-links.revoke", link_id=link.id),
    }
