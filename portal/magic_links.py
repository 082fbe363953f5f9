"""Sign in by a link in an e-mail: asked for here, answered by a worker, used by a button (P-08)."""

from flask import g, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from errors import NotFound
from extensions import limiter
from jobs.portal import answer_portal_requests
from models.base import db
from models.portal.portal_request import PortalRequestKind
from models.portal.portal_session import PortalTokenKind
from portal.door_forms import LinkForm
from portal.door_page import ASKED_PER_NAME, PER_IP, per_written, sign_in_page
from portal.guard import current_portal, open_to_everybody, portal_blueprint
from portal.identity import browser_hash, let_in
from services.portal.portal_keys import key_with_token, no_such_key, use_key
from services.portal.portal_requests import note_request

blueprint = portal_blueprint("magic_links", __name__)


@blueprint.post("/sign-in/link")
@limiter.limit(PER_IP)
@limiter.limit(ASKED_PER_NAME, key_func=per_written("email", "link"))
@open_to_everybody
def ask() -> ResponseReturnValue:
    """The address is written down, and a worker looks whether somebody has it."""
    form = LinkForm()
    if not form.validate_on_submit():
        return sign_in_page("link", form)
    note_request(
        PortalRequestKind.MAGIC_LINK, form.email.data, browser_hash=browser_hash(is_new=True)
    )
    db.session.commit()
    answer_portal_requests.enqueue()
    return render_template(
        "portal/door/sent.html", portal=current_portal(), form=form, address=form.email.data
    )


@blueprint.get("/sign-in/link/<token>")
@limiter.limit("60 per minute")
@open_to_everybody
def link(token: str) -> ResponseReturnValue:
    """A button: programs that open links in mails use nothing up."""
    key = key_with_token(token, PortalTokenKind.MAGIC_LINK)
    return render_template(
        "portal/door/link.html",
        portal=current_portal(),
        user=key.portal_user,
        is_same_browser=key.browser_hash == browser_hash(),
    )


@blueprint.post("/sign-in/link/<token>")
@limiter.limit("30 per minute")
@open_to_everybody
def enter(token: str) -> ResponseReturnValue:
    """Whoever comes by a link has not shown that they know the password, so they cannot change it either."""
    key = use_key(token, PortalTokenKind.MAGIC_LINK)
    user = key.portal_user
    user.email_verified_at = user.email_verified_at or key.used_at
    answer = let_in(user, is_confirmed=False)
    if answer is None:
        raise no_such_key()
    return answer


@blueprint.errorhandler(NotFound)
def gone(problem: NotFound) -> ResponseReturnValue:
    """One page for links that are old, were used or never made."""
    db.session.rollback()
    page = render_template(
        "portal/door/gone.html",
        portal=g.get("portal"),
        title=_("This link no longer works"),
        message=problem.message,
    )
    return page, problem.status
