"""The frame around every page: who is here, where, in which language, and the menu (`ui` in the templates)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from flask import Flask, current_app, g, session, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import current_user

from admin_views.state_badges import icon
from services.people.sign_in import Staff

THEMES = ("light", "dark")


@dataclass(frozen=True, kw_only=True)
class MenuNode:
    """One entry of the menu, with the entries below it."""

    label: Any
    url: str | None = None
    icon: str = ""
    children: Sequence["MenuNode"] = field(default=())
    is_current: bool = False
    count: int | None = None
    waiting: Callable[[], int] | None = None

    @property
    def is_open(self) -> bool:
        """Whether the current page is below this entry."""
        return any(child.is_current or child.is_open for child in self.children)


@dataclass(frozen=True)
class Person:
    """The signed-in staff as the frame shows them."""

    name: str
    initials: str
    role: str | None


MenuSource = Callable[[Staff], Sequence[MenuNode]]


class Shell:
    """What the templates call `ui`; computed only when a template asks."""

    def __init__(self, staff: Staff | None) -> None:
        self._staff = staff

    @property
    def lang(self) -> str:
        """Not kept: part of a page may be in another language than the page, such as a document on paper."""
        return str(getattr(get_locale(), "language", "es"))

    @cached_property
    def theme(self) -> str | None:
        """`light`, `dark`, or None for what the system wishes."""
        wished = self._staff.user.theme if self._staff else session.get("theme")
        return wished if wished in THEMES else None

    @cached_property
    def keys(self) -> bool:
        """Whether single letters are shortcuts."""
        if self._staff:
            return self._staff.user.has_single_keys
        return bool(session.get("keys", True))

    @cached_property
    def user(self) -> Person | None:
        if self._staff is None:
            return None
        role = self._staff.role
        return Person(
            self._staff.name, initials(self._staff.name), role.name if role else _("Administrator")
        )

    @property
    def organization(self) -> Any:
        return self._staff.organization if self._staff else None

    @property
    def branch(self) -> Any:
        return self._staff.branch if self._staff else None

    @cached_property
    def menu(self) -> Sequence[MenuNode]:
        """Home first, then what `menu_from` was given; see `admin_views/menu.py`."""
        if self._staff is None or not self._staff.has_place:
            return ()
        source: MenuSource | None = current_app.extensions.get("menu")
        home = MenuNode(
            label=_("Home"),
            url=self.home_url,
            icon="home",
            is_current=g.get("is_home", False),
        )
        return (home, *(source(self._staff) if source else ()))

    @property
    def trail(self) -> Sequence[tuple[Any, str | None]]:
        """The breadcrumb: what the page has said with `lead_to`."""
        trail: Sequence[tuple[Any, str | None]] = g.get("trail", ())
        return trail

    @property
    def help_url(self) -> str | None:
        """Where this page is explained, if the page has said so."""
        url: str | None = g.get("help_url")
        return url

    @property
    def user_links(self) -> Sequence[MenuNode]:
        return (
            MenuNode(label=_("My account"), url=url_for("account.account"), icon="user-cog"),
            MenuNode(
                label=_("Change company or branch"), url=self.switch_url, icon="building-community"
            ),
        )

    @property
    def home_url(self) -> str:
        return url_for("home.home")

    @property
    def prefs_url(self) -> str:
        return url_for("prefs.prefs")

    @property
    def sign_out_url(self) -> str:
        return url_for("sign_in.sign_out")

    @property
    def switch_url(self) -> str:
        return url_for("places.place")

    @cached_property
    def go(self) -> dict[str, str]:
        """Where G and a letter lead; pages add theirs with `app.extensions["go"]`."""
        more: dict[str, str] = {
            key: url_for(endpoint)
            for key, endpoint in current_app.extensions.get("go", {}).items()
            if endpoint in current_app.view_functions
        }
        return {"i": self.home_url, **more}


def lead_to(*trail: tuple[Any, str | None]) -> None:
    """Say the breadcrumb of this page, from the first level to the page itself; Home is put before it."""
    g.trail = ((_("Home"), url_for("home.home")), *trail)


def stand_at(endpoint: str) -> None:
    """Say which entry of the menu leads to this page, where it has none of its own."""
    g.menu_entry = endpoint


def menu_from(app: Flask, source: MenuSource) -> None:
    """Let `source` say what the menu of a staff is (below Home, which is always first)."""
    app.extensions["menu"] = source


def initials(name: str) -> str:
    """The first letters of the first two words, as on an avatar."""
    return "".join(word[0] for word in name.split() if word[0].isalnum())[:2].upper() or "?"


def shell() -> Shell:
    """The frame of this request; made once, and again after somebody signed in or out."""
    who = current_user._get_current_object() if current_user else None
    staff = who if isinstance(who, Staff) else None
    kept: tuple[Staff | None, Shell] | None = g.get("shell")
    if kept is None or kept[0] is not staff:
        kept = g.shell = (staff, Shell(staff))
    return kept[1]


def init_app(app: Flask) -> None:
    """Give every template `ui` (none for strangers), and the pages of the door what they need."""
    app.jinja_env.globals["draw_icon"] = icon

    @app.context_processor
    def frame() -> dict[str, Any]:
        ui = shell()
        return {
            "ui": ui if ui.user else None,
            "current_language": ui.lang,
            "current_theme": ui.theme,
            "prefs_url": ui.prefs_url,
            "home_url": ui.home_url,
        }
