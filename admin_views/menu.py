"""The menu and the trail, both from one walk over the screens that the reader may open.

Flask-Admin keys its categories by name, so that two entries "Settings" would be one; here the whole path counts.
A screen has a place by `menu_path` (words from the first level down), `menu_order`, `menu_icon`, `endpoint` and
`index_name`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from flask import Flask, current_app, g, request, url_for
from flask_admin import Admin
from flask_babel import get_locale
from flask_babel import lazy_gettext as _l

from admin_views.shell import MenuNode
from services.people.access import Rights
from services.people.sign_in import Staff

MOST_KEPT = 2_000  # menus: roles x languages x screens
FIRST_LEVEL: tuple[tuple[Any, str], ...] = (
    (_l("Common tasks"), "checklist"),
    (_l("Finance"), "coins"),
    (_l("Accounts"), "building-store"),
    (_l("Work"), "briefcase"),
    (_l("Collaborative"), "mail"),
    (_l("System"), "server-cog"),
    (_l("Settings"), "adjustments-horizontal"),
)


class VentanillaAdmin(Admin):
    """Flask-Admin without a menu of its own."""

    def _add_view_to_menu(self, view: Any) -> None:
        """Nothing to do: `menu_of` walks over the views."""

    @property
    def views(self) -> list[Any]:
        return list(self._views)


@dataclass(frozen=True, kw_only=True)
class MenuPage:
    """A screen made by hand that has a place in the menu; shown to who may do `action` with `resource`."""

    endpoint: str
    index_name: str
    menu_path: tuple[Any, ...]
    menu_order: int
    resource: str
    menu_icon: str = ""
    action: str = "view"
    waiting: Callable[[], int] | None = None  # how many wait there; asked for each page

    def is_open_to(self, rights: Rights) -> bool:
        return rights.allows(self.resource, self.action)

    def get_url(self, endpoint: str) -> str:
        return url_for(endpoint)


def add_pages(app: Flask, *pages: MenuPage) -> None:
    """Give these screens their places in the menu."""
    app.extensions.setdefault("menu_pages", []).extend(pages)


@dataclass
class _Heading:
    """A heading while the menu is being put together: headings and entries below it, in order."""

    label: str
    icon: str = ""
    parts: list[Any] = field(default_factory=list)

    def below(self, word: str) -> "_Heading":
        for part in self.parts:
            if isinstance(part, _Heading) and part.label == word:
                return part
        self.parts.append(heading := _Heading(word))
        return heading

    def node(self) -> MenuNode:
        children = [part.node() if isinstance(part, _Heading) else part for part in self.parts]
        return MenuNode(label=self.label, icon=self.icon, children=tuple(children))


def menu_of(staff: Staff) -> Sequence[MenuNode]:
    """What this staff may open, below its headings; put together once for the same rights, language and page."""
    kept: dict[tuple[Rights, str, str | None], Sequence[MenuNode]]
    kept = current_app.extensions.setdefault("menus", {})
    key = (staff.rights, str(get_locale()), g.get("menu_entry", request.blueprint))
    if key not in kept:
        if len(kept) >= MOST_KEPT:
            kept.clear()
        kept[key] = _put_together(*key)
    return _counted(kept[key])


def _counted(nodes: Sequence[MenuNode]) -> Sequence[MenuNode]:
    """The same with what waits at each entry, which changes while the menu stays."""
    return tuple(
        replace(
            node,
            children=_counted(node.children),
            count=(node.waiting() or None) if node.waiting else node.count,
        )
        for node in nodes
    )


def _put_together(rights: Rights, language: str, here: str | None) -> Sequence[MenuNode]:
    top = {str(label): _Heading(str(label), icon) for label, icon in FIRST_LEVEL}
    for view, path, url in _places(language):
        if not view.is_open_to(rights):
            continue
        heading = top.setdefault(path[0], _Heading(path[0], "folder"))
        for word in path[1:-1]:
            heading = heading.below(word)
        heading.parts.append(
            MenuNode(
                label=path[-1],
                url=url,
                icon=view.menu_icon,
                is_current=view.endpoint == here,
                waiting=getattr(view, "waiting", None),
            )
        )
    return tuple(heading.node() for heading in top.values() if heading.parts)


def trail_of(view: Any, page: str | None = None) -> list[tuple[str, str | None]]:
    """The way to a screen in the words of the menu; `page` is what stands below it."""
    words = [str(word) for word in view.menu_path or (view.info.plural,)]
    steps: list[tuple[str, str | None]] = [(word, None) for word in words[:-1]]
    steps.append((words[-1], view.get_url(f"{view.endpoint}.{view.index_name}")))
    return [*steps, (page, None)] if page else steps


def _places(language: str) -> list[tuple[Any, list[str], str]]:
    """All screens with a place in the menu, in its order; worked out once per language."""
    kept: dict[str, list[tuple[Any, list[str], str]]]
    kept = current_app.extensions.setdefault("menu_places", {})
    if language not in kept:
        admin: VentanillaAdmin = current_app.extensions["admin"][0]
        placed = [
            (
                view,
                [str(word) for word in view.menu_path],
                view.get_url(f"{view.endpoint}.{view.index_name}"),
            )
            for view in (*admin.views, *current_app.extensions.get("menu_pages", ()))
            if getattr(view, "menu_path", None)
        ]
        kept[language] = sorted(placed, key=lambda one: one[0].menu_order)
    return kept[language]
