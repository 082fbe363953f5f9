"""The pages about everybody's mail accounts have one frame: their tabs, their trail, who may come in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import g, url_for
from flask_babel import gettext as _

from admin_views.attention import page
from admin_views.identity import current_staff
from admin_views.screens import handbook
from admin_views.shell import lead_to, stand_at

RESOURCE = "mail_account"
HELP = "set-up-mail-accounts"


@dataclass(frozen=True)
class Tab:
    """A page of the frame."""

    label: str
    url: str
    is_current: bool


def require_accounts() -> None:
    """Raise Forbidden unless the role may edit mail accounts."""
    current_staff().rights.require(RESOURCE, "edit")


def may_open_accounts() -> bool:
    """Whether the role may open an account's own page."""
    return current_staff().rights.allows(RESOURCE, "edit")


def account_tabs(current: str, part: Mapping[str, str] | None = None) -> list[Tab]:
    """The tabs; `current` is one of `accounts`, `letterhead`, `incoming`, `part` whose accounts are looked at."""
    whose: dict[str, Any] = {name: value for name, value in (part or {}).items() if name != "side"}
    places = {
        "accounts": (_("Accounts"), url_for("mail_accounts_grid.index", **whose)),
        "letterhead": (_("Header, signature and footer"), page("mail_accounts_letterhead.index")),
        "incoming": (
            _("Incoming mail"),
            url_for("mail_accounts_grid.index", **whose, side="incoming"),
        ),
    }
    return [Tab(label, url, name == current) for name, (label, url) in places.items() if url]


def account_trail(addon: str | None = None) -> None:
    """The breadcrumb in the words of the way there (S4-04 to S4-09), to the grid or to another add-on."""
    _stand_here()
    lead_to(
        (_("System"), None),
        (_("Updates"), None),
        (_("Global users"), page_of_users("user.index_view")),
        (_("Advanced"), page_of_users("user.advanced_view")),
        (_("Add-ons"), page_of_users("addons.index")),
        (addon or _("Set up mail accounts"), None),
    )


def check_trail(title: str, checks_url: str) -> None:
    """The breadcrumb of one account's test, below the list of all: short enough for a line."""
    _stand_here()
    lead_to(
        (_("System"), None),
        (_("Add-ons"), page_of_users("addons.index")),
        (_("Test mail accounts"), checks_url),
        (title, None),
    )


def page_of_users(endpoint: str) -> str | None:
    """No way where it ends at a closed door: who sees tests need not see the users."""
    return page(endpoint) if current_staff().rights.allows("user", "view") else None


def _stand_here() -> None:
    """The entry of the menu and the help of all these pages."""
    if HELP in handbook.PAGES:
        g.help_url = url_for("handbook.page", name=HELP)
    stand_at("user")
