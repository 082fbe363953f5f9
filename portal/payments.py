"""What the customer paid, and for which documents."""

from flask import render_template, url_for

from portal.frame import page
from portal.guard import portal_blueprint
from portal.listing import neighbours, wanted
from portal.own_documents import current_sight, require
from portal.payment_rows import payment_rows
from services.portal.payment_list import payments_page
from services.portal.visible_documents import Subject

blueprint = portal_blueprint("payments", __name__)


@blueprint.get("/payments")
def payments() -> str:
    require(Subject.PAYMENTS)
    asked = wanted()
    found = payments_page(current_sight(), asked)
    newer, older = neighbours(found)
    return render_template(
        "portal/payments.html",
        page=page("payments"),
        rows=payment_rows(found.rows),
        asked=asked,
        is_filtered=bool(asked.year or asked.number),
        all_url=url_for("portal-payments.payments"),
        newer_url=newer,
        older_url=older,
    )
