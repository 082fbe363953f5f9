"""The portal's guard: every page wants somebody who stands at one customer, unless the page says that it does not.

A page belongs to one organization's portal, `/portal/<portal_name>/…`. Behind the guard the session works for one
customer, as the database role that sees nobody else's rows; before it, for the organization, as staff's role.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from flask import Blueprint, current_app, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from errors import Forbidden, NotFound
from models.base import db
from models.people.customer import Customer
from models.people.organization import Organization
from models.portal.portal_settings import PortalSettings
from models.tenancy import Actor, Scope, enter
from portal.sender import Sender, sender_of
from services.portal import portal_cookie
from services.portal.kept_companies import company_at
from services.portal.portal_sessions import Visit, Visitor, find_visit
from settings import Settings

View = TypeVar("View", bound=Callable[..., Any])
FOR_STAFF = (
    "portal-door.sign_out",
    "portal-door.look",
    "portal-door.language",
    "portal-verify.verify",
)  # all that a look may send
OPEN, AT_NO_CUSTOMER = "open to everybody", "signed in, at no customer yet"


@dataclass
class Portal:
    """The portal of this request, and what it may show."""

    organization_id: int
    name: str
    stamp: str

    @property
    def settings(self) -> PortalSettings:
        return self._company[1]

    @property
    def organization(self) -> Organization:
        return self._company[0]

    @cached_property
    def _company(self) -> tuple[Organization, PortalSettings]:
        return company_at(self.organization_id, self.stamp)

    @cached_property
    def sender(self) -> Sender:
        return sender_of(self.organization, self.settings.title)


def portal_blueprint(name: str, import_name: str) -> Blueprint:
    """A blueprint behind the guard; its routes begin below the portal's name, its endpoints with `portal-`."""
    blueprint = Blueprint(f"portal-{name}", import_name, url_prefix="/portal/<portal_name>")
    blueprint.url_value_preprocessor(_take_name)
    blueprint.url_defaults(_put_name)
    blueprint.before_request(_let_in)
    return blueprint


def open_to_everybody(view: View) -> View:
    """Mark a page that needs nobody signed in; it works for the organization (`tests/portal/test_guard.py` lists them)."""
    view.portal_door = OPEN  # type: ignore[attr-defined]  # read by the guard
    return view


def at_no_customer(view: View) -> View:
    """Mark a page for whoever is signed in, before or besides standing at a customer: switcher, security."""
    view.portal_door = AT_NO_CUSTOMER  # type: ignore[attr-defined]  # read by the guard
    return view


def only_with(feature: str) -> Callable[[View], View]:
    """Mark a page that exists only while a setting of the portal is on, such as `show_projects` (404 otherwise)."""

    def mark(view: View) -> View:
        view.portal_feature = feature  # type: ignore[attr-defined]  # read by the guard
        return view

    return mark


def current_portal() -> Portal:
    """The portal whose page this is."""
    found: Portal = g.portal
    return found


def current_visitor() -> Visitor:
    """Who is signed in; only behind the guard."""
    found: Visitor = g.visitor
    return found


def current_customer() -> Customer:
    """The customer at whom the visitor stands."""
    if "portal_customer" not in g:
        g.portal_customer = db.session.get_one(Customer, current_customer_id())
    found: Customer = g.portal_customer
    return found


def current_customer_id() -> int:
    """The key of that customer."""
    found = current_visitor().customer_id
    if found is None:
        raise LookupError("The visitor stands at no customer.")
    return found


def is_somebody() -> bool:
    """Whether a customer sends this, asked before the guard: what strangers send is kept small."""
    visit = _visit() if g.get("portal_name") else None
    return visit is not None and visit.visitor is not None


def cookie_name() -> str:
    """Of the cookie that holds a session's token."""
    return portal_cookie.cookie_name(is_secure=_settings().secure_cookies)


def keep_token(response: Any, token: str) -> None:
    """Sign this browser in."""
    response.set_cookie(**portal_cookie.cookie_of(token, is_secure=_settings().secure_cookies))


def _take_name(endpoint: str | None, values: dict[str, Any] | None) -> None:
    g.portal_name = (values or {}).pop("portal_name", "")


def _put_name(endpoint: str, values: dict[str, Any]) -> None:
    if "portal_name" not in values and "portal" in g:
        values["portal_name"] = g.portal.name


def _let_in() -> ResponseReturnValue | None:
    g.is_identity_unknown = True  # staff who are signed in here are nobody in particular
    visit = _visit()
    if visit is None:
        raise NotFound(_("There is no portal with this name."))
    if visit.portal_name != g.portal_name:
        return _moved(visit.portal_name)
    g.portal = Portal(visit.organization_id, visit.portal_name, visit.stamp)
    g.home_url = f"/portal/{visit.portal_name}/"
    g.visitor = _let_see(visit.visitor)
    view = current_app.view_functions[request.endpoint or ""]
    door = getattr(view, "portal_door", None)
    if door != OPEN and g.visitor is None:
        return redirect(url_for("portal-door.sign_in", next=_page_to_come_back_to()))
    if door is None and g.visitor.customer_id is None:
        return redirect(url_for("portal-door.customers"))
    _enter(door)
    feature = getattr(view, "portal_feature", None)
    if feature is not None and not getattr(g.portal.settings, feature):
        raise NotFound(_("This page does not exist."))
    return None


def _visit() -> Visit | None:
    """Whose portal this is and who is there, asked once for each request."""
    if "portal_visit" not in g:
        g.portal_visit = find_visit(
            g.portal_name,
            request.host,
            request.cookies.get(cookie_name()),
            idle_minutes=_settings().session_idle_minutes,
        )
    found: Visit | None = g.portal_visit
    return found


def _let_see(visitor: Visitor | None) -> Visitor | None:
    if visitor is None:
        return None
    look, wanted = session.get("look_lang", (None, "")) if visitor.is_staff else (None, "")
    g.reader_lang = wanted if look == visitor.session_id else visitor.lang
    changes = request.method not in ("GET", "HEAD", "OPTIONS")
    if visitor.is_staff and changes and request.endpoint not in FOR_STAFF:
        raise Forbidden(_("You look as the customer would, and change nothing."))
    return visitor


def _enter(door: str | None) -> None:
    visitor: Visitor | None = g.visitor
    known = Actor(source="portal", kind="stranger", request_id=g.get("request_id"))
    if visitor is not None:
        known = Actor(
            kind="user" if visitor.is_staff else "portal_user",
            id=visitor.staff_user_id or visitor.portal_user_id,
            name=visitor.name,
            source="portal",
            request_id=g.get("request_id"),
        )
    customer_id = visitor.customer_id if visitor is not None and door is None else None
    enter(Scope(organization_id=g.portal.organization_id, customer_id=customer_id, actor=known))
    g.is_entered = True


def _page_to_come_back_to() -> str | None:
    """None for what is sent to an address that shows no page."""
    return request.full_path.rstrip("?") if request.method in ("GET", "HEAD") else None


def _moved(name: str) -> ResponseReturnValue:
    """A portal that has another name now: links keep working, forms do not."""
    if request.method not in ("GET", "HEAD"):
        raise NotFound(_("There is no portal with this name."))
    rest = request.full_path.rstrip("?").removeprefix(f"/portal/{g.portal_name}")
    return redirect(f"/portal/{name}{rest}", code=301)


def _settings() -> Settings:
    found: Settings = current_app.extensions["settings"]
    return found
