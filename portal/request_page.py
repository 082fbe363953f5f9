"""The pages of asking for access: which one is shown, in whose words."""

from typing import Any

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale

from models.people.customer_group import CustomerGroup
from models.portal.access_request import AccessRequest, RequestState
from models.portal.portal_text import PortalTextKind
from portal.door_page import REFUSED
from portal.guard import current_portal
from portal.request_draft import draft, own_request
from services.portal.access_requests import Step, next_step
from services.portal.said_texts import group_with_code, said_html

PAGES = {
    Step.TERMS: "portal-request_access.terms",
    Step.CONTACT: "portal-request_access.contact",
    Step.COMPANY: "portal-request_company.company",
    Step.QUESTIONS: "portal-request_company.questions",
    Step.STATUS: "portal-request_access.status",
}


def group_here() -> CustomerGroup | None:
    """Whose door it is: the group of the request, or of the address that led here."""
    own = own_request()
    if own is not None:
        return own.customer_group
    return group_with_code(str(draft().get("group", "")))


def lang_here() -> str:
    """The language of the page."""
    return str(get_locale() or "es")


def request_page(step: Step, form: Any, *, template: str = "", **more: Any) -> ResponseReturnValue:
    """The page of this step; 422 where something is wrong in its form."""
    own = more.pop("own", None)
    group = own.customer_group if own is not None else group_here()
    intro = PortalTextKind.__members__.get(f"STEP_{step.name}")
    page = render_template(
        f"portal/request/{template or step.value}.html",
        portal=current_portal(),
        form=form,
        own=own,
        step=list(Step).index(step) + 1,
        intro=said_html(intro, group, lang_here()) if intro else None,
        back=url_for(PAGES[list(Step)[max(0, list(Step).index(step) - 1)]]),
        **more,
    )
    resume = more.get("resume")
    return page, REFUSED if form.errors or (resume and resume.errors) else 200


def onward(own: AccessRequest | None) -> ResponseReturnValue:
    """To the first page where something is missing."""
    if own is None:
        return redirect(url_for(PAGES[Step.CONTACT]))
    sent = own.state in (RequestState.PENDING_VALIDATION, RequestState.VALIDATED)
    return redirect(url_for(PAGES[Step.STATUS if sent else next_step(own)]))
