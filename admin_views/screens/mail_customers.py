"""The open conversation is tied to a customer by hand, or untied (S3-25)."""

import json
import uuid
from typing import Any

from flask import abort, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from admin_views.identity import current_staff
from admin_views.screens.mail_area import reading_part
from admin_views.screens.mail_door import blueprint, reader
from admin_views.screens.mail_place import place_asked_for
from errors import Invalid
from models.base import db
from models.people.customer import Customer
from services.mailbox.conversation import conversation
from services.mailbox.linking import link, unlink
from services.mailbox.mail_place import mailboxes_of

DEEDS = {"link": link, "unlink": unlink}
OPPOSITE = {"link": "unlink", "unlink": "link"}


@blueprint.post("/conversations/<uuid:public_id>/customers")
def tie_customer(public_id: uuid.UUID) -> ResponseReturnValue:
    """`do` says which of both; it holds for every message of it that this person may read."""
    person = reader("edit")
    current_staff().rights.require("customer", "view")
    do, found = request.values.get("do", ""), conversation(public_id, person)
    deed = DEEDS.get(do) or abort(400)
    customer = _customer(request.values.get("customer", ""))
    deed([each.message for each in found.messages], customer, person)
    db.session.commit()
    place = place_asked_for(mailboxes_of(person), request.values)
    if "HX-Request" not in request.headers:
        return redirect(place.url(open=public_id))
    answer = make_response(reading_part(place, person))
    toast = {"text": _words(do, customer), "undo": _url(public_id, customer, OPPOSITE[do])}
    answer.headers["HX-Trigger"] = json.dumps({"toast": toast})
    return answer


def _customer(text: str) -> Customer:
    found = db.session.get(Customer, int(text)) if text.isdecimal() and len(text) < 18 else None
    if found is None:
        raise Invalid(_("Choose the customer that the conversation is with."), field="customer")
    return found


def _words(do: str, customer: Customer) -> str:
    if do == "link":
        return _("The conversation is linked to %(customer)s", customer=customer.name)
    return _("The conversation is no longer linked to %(customer)s", customer=customer.name)


def _url(public_id: uuid.UUID, customer: Customer, do: str) -> str:
    more: dict[str, Any] = {"open": public_id, "customer": customer.id, "do": do}
    return url_for("mail_area.tie_customer", public_id=public_id, **more)
