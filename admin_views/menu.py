"""The menu and the trail, both from one walk over the views that the reader may open.

Flask-Admin keys its categories by name, so that two entries "Settings" would be one; here the whole path counts.
"""

from dataclasses import dataclass, field
from typing import Any

from flask import current_app, request
from flask_admin import Admin
from flask_babel import get_locale
from flask_babel import lazy_gettext as _l

HOME = _l("Home")
FIRST_LEVEL: tuple[tuple[Any, str], ...] = (
    (_l("Common tasks"), "checklist"),
    (_l("Finance"), "coins"),
    (_l("Accounts"), "building-store"),
    (_l("Collaborative"), "mail"),
    (_l("System"), "server-cog"),
    (_l("Settings"), "adjustments-horizontal"),
)


@dataclass
class MenuNode:
    """An entry, or a heading with entries below."""

    label: str
    icon: str | None = None
    url: str | None = None
    children: list["MenuNode"] = field(default_factory=list)
    is_open: bool = False
    is_current: bool = False
    count: int | None = None
    endpoint: str | None = None


class VentanillaAdmin(Admin):
    """Flask-Admin without its own menu: views say their place by `menu_path`, `menu_order` and `menu_icon`."""

    def _add_view_to_menu(self, view: Any) -> None:
        """Nothing to do: `menu_tree` walks over the views."""

    @property
    def views(self) -> list[Any]:
        return list(self._views)


def the_admin() -> VentanillaAdmin:
    """The admin of this application."""
    admin: VentanillaAdmin = current_app.extensions["admin"][0]
    return admin


def menu_tree() -> list[MenuNode]:
    """What the reader may open, as headings and entries; the path to the present page is open."""
    admin = the_admin()
    here = request.blueprint
    home = MenuNode(
        label=str(HOME),
        icon="home",
        url=admin.index_view.get_url(f"{admin.index_view.endpoint}.index"),
        is_current=here == admin.index_view.endpoint,
    )
    top = {str(label): MenuNode(label=str(label), icon=icon) for label, icon in FIRST_LEVEL}
    for view, path in _placed_views(str(get_locale()), admin):
        if not view.is_accessible():
            continue
        node = top.setdefault(path[0], MenuNode(label=path[0], icon="folder"))
        trail = [node]
        for word in path[1:-1]:
            child = next((n for n in node.children if n.label == word and not n.url), None)
            if child is None:
                child = MenuNode(label=word)
                node.children.append(child)
            node = child
            trail.append(node)
        is_current = view.endpoint == here
        entry = MenuNode(
            label=path[-1],
            url=view.get_url(f"{view.endpoint}.{view.index_name}"),
            is_current=is_current,
            endpoint=view.endpoint,
            count=view.menu_count() if hasattr(view, "menu_count") else None,
        )
        node.children.append(entry)
        if is_current:
            for open_node in trail:
                open_node.is_open = True
    return [home, *(node for node in top.values() if node.children)]


def trail_of(tree: list[MenuNode], page: str | None = None) -> list[tuple[str, str | None]]:
    """The way to the present page in the words of the menu; `page` is what stands below an entry."""
    steps: list[tuple[str, str | None]] = []

    def walk(nodes: list[MenuNode]) -> bool:
        for node in nodes:
            if node.is_current or (node.is_open and walk(node.children)):
                steps.insert(0, (node.label, node.url))
                return True
        return False

    if walk(tree) and steps[0][0] == str(FIRST_LEVEL[0][0]):
        steps.insert(0, (tree[0].label, tree[0].url))  # the seeds say: Home > Common tasks > …
    return [*steps, (page, None)] if page else steps


def _placed_views(language: str, admin: VentanillaAdmin) -> list[tuple[Any, list[str]]]:
    """All views with a place in the menu, in its order; kept per language."""
    kept: dict[str, list[tuple[Any, list[str]]]] = admin.app.extensions.setdefault(  # type: ignore[union-attr]
        "menu_words", {}
    )
    if language not in kept:
        placed = [
            (view, [str(word) for word in view.menu_path])
            for view in admin.views
            if getattr(view, "menu_path", None)
        ]
        kept[language] = sorted(placed, key=lambda one: one[0].menu_order)
    return kept[language]
