"""The page *Add-ons*: those that come with the product, those of others, and those that are not used and why (S4-08)."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from flask import Blueprint, g, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from admin_views.addon_registry import AddOns, BrokenAddOn, Fault, ForeignAddOn, addons
from admin_views.addon_routes import endpoint_of
from admin_views.addons import AddOn, AddOnStatus
from admin_views.identity import current_staff
from admin_views.shell import lead_to, stand_at
from models.base import db
from models.tenancy import current_scope, enter

T = TypeVar("T")
logger = logging.getLogger(__name__)
blueprint = Blueprint("addons", __name__, url_prefix="/addons")


@dataclass(frozen=True, kw_only=True)
class Line:
    """An add-on as the page shows it; without `url` it cannot be opened."""

    title: str
    text: str
    source: str
    icon: str
    tone: str
    state: AddOnStatus | None
    url: str | None = None
    detail: str = ""


@blueprint.get("")
def index() -> ResponseReturnValue:
    """What the reader's role may open; what does not work, for who administers everything."""
    current_staff().rights.require("user", "view")
    found = addons()
    stand_at("user")
    lead_to(
        (_("System"), None),
        (_("Updates"), None),
        (_("Global users"), url_for("user.index_view")),
        (_("Advanced"), url_for("user.advanced_view")),
        (_("Add-ons"), None),
    )
    g.help_url = url_for("handbook.page", name="set-up-mail-accounts")
    return render_template(
        "admin/addons/index.html",
        title=_("Add-ons"),
        subtitle=_("What can be done with several users at once"),
        built_in=[_line(addon) for addon in found.built_in if _may_open(addon)],
        foreign=_of_others(found),
        how_to_url=url_for("handbook.page", name="write-an-add-on"),
        back_url=url_for("user.advanced_view"),
    )


def _may_open(addon: AddOn) -> bool:
    return current_staff().rights.allows(addon.right.resource, addon.right.action)


def _of_others(found: AddOns) -> Sequence[Line]:
    lines = [_foreign(each) for each in found.foreign if _may_open(each.addon)]
    if current_staff().user.is_global_admin:
        lines += [_broken(each) for each in found.broken]
    return lines


def _foreign(found: ForeignAddOn) -> Line:
    return _line(found.addon, source=f"{found.package} · {found.version}", tone="info")


def _line(addon: AddOn, *, source: str = "", tone: str = "idle") -> Line:
    unknown: AddOnStatus | None = AddOnStatus(
        word=_("State unknown"), tone="warn", icon="alert-triangle"
    )
    state = _alone(addon, addon.status, unknown) if addon.status else None
    return Line(
        title=_alone(addon, lambda: str(addon.title), addon.name),
        text=_alone(addon, lambda: str(addon.description), ""),
        source=source,
        icon=addon.icon,
        tone=tone,
        state=state if isinstance(state, AddOnStatus | None) else unknown,
        url=url_for(endpoint_of(addon)),
    )


def _broken(found: BrokenAddOn) -> Line:
    return Line(
        title=found.name,
        text=str(Fault.labels()[found.fault]),
        source=f"{found.package} · {found.version}",
        icon="plug-off",
        tone="idle",
        state=AddOnStatus(word=_("Not used"), tone="bad", icon="plug-off"),
        detail=found.detail,
    )


def _alone(addon: AddOn, say: Callable[[], T], otherwise: T) -> T:
    """What an add-on says about itself; if it fails, only this is missing from the page."""
    scope = current_scope()
    try:
        with db.session.begin_nested():
            return say()
    except Exception:
        logger.exception("add-on %s could not say how it stands", addon.name)
        return otherwise
    finally:
        enter(scope)
