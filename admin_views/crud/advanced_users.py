"""The tab *Advanced* of the global users: where each works, how their mail account stands, how they sign in (S4-06, S4-07)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import has_request_context, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from markupsafe import Markup
from sqlalchemy import Select, func, select

from admin_views.columns import Described
from admin_views.filters import Filter
from admin_views.formatters import NOTHING, clipped
from admin_views.identity import current_staff
from admin_views.screens.account_check_page import badge_of
from admin_views.screens.account_grid_page import STANDINGS
from admin_views.screens.account_grid_words import standing_word
from admin_views.screens.import_pages import Badge
from admin_views.state_badges import Look, badge
from models.base import db
from models.mailbox.account_check import AccountCheck, CheckState
from models.people.membership import UserMembership
from models.people.user import User
from services.mailbox.account_states import Standing
from services.mailbox.outgoing_mail import OutgoingMail, outgoing_mail_of
from services.people.places import companies_of
from services.people.workplaces import department_names, workplaces_of, works_in

_TEXT, _STATE = User.__table__.c.name, AccountCheck.__table__.c.state
PLACES = {
    "department": Described("department", _l("Department"), {"list": False}, _TEXT),
    "workplace": Described("workplace", _l("Company and branch"), {"list": False}, _TEXT),
}
MAIL = {"outgoing_mail": Described("outgoing_mail", _l("Outgoing mail"), {"list": False}, _STATE)}
SECOND_STEP = {"second_step": Described("second_step", _l("Second step"), {"list": False}, _TEXT)}
ADVANCED = ("name", *PLACES, *MAIL, *SECOND_STEP, "last_signed_in_at")


def sees_everywhere() -> bool:
    """Whether the reader's list of users is that of all companies."""
    return bool(current_staff().user.is_global_admin)


@dataclass(frozen=True)
class UserTab:
    """A page about the users."""

    label: str
    url: str
    is_current: bool


class DepartmentIs(Filter):
    """Who works in a department or in one below it."""

    control = "select"

    def is_valid(self, value: str) -> bool:
        return value.isdecimal() and len(value) < 19 and int(value) in _departments()

    def apply(self, query: Select[Any], model: type[Any], value: str) -> Select[Any]:
        return query.where(works_in(int(value), everywhere=sees_everywhere()))

    def words(self, value: str) -> str:
        return _departments()[int(value)]

    def options(self) -> list[tuple[str, str]]:
        return [(str(key), name) for key, name in _departments().items()]


def _departments() -> dict[int, str]:
    return department_names(everywhere=sees_everywhere())


class AdvancedUsers:
    """The list of users with two tabs: they have one address each and differ in their columns."""

    list_template_name = "admin/people/users.html"

    @expose("/advanced/")
    def advanced_view(self: Any) -> ResponseReturnValue:
        return self.index_view()

    @property
    def is_advanced(self: Any) -> bool:
        return has_request_context() and request.endpoint == f"{self.endpoint}.advanced_view"

    @property
    def list_url(self: Any) -> str:
        return f"{self.url}/advanced/" if self.is_advanced else f"{self.url}/"

    @property
    def list_columns(self: Any) -> tuple[str, ...] | None:
        return ADVANCED if self.is_advanced else None

    def extra_columns(self: Any) -> dict[str, Described]:
        mail = MAIL if current_staff().rights.allows("mail_account", "view") else {}
        return {**PLACES, **mail, **SECOND_STEP}

    def filters(self: Any) -> dict[str, Filter]:
        department = DepartmentIs("department", _l("Department"))
        return {"department": department, **super().filters()}  # type: ignore[misc]

    def complete_rows(self: Any, rows: list[Any]) -> None:
        """Where the users of a page work, and how their accounts stand."""
        everywhere = sees_everywhere()
        places = workplaces_of([user.id for user in rows], everywhere=everywhere)
        first = {user: next(iter(places[user.id]), None) for user in rows}
        mail = outgoing_mail_of(first, everywhere=everywhere)
        for user in rows:
            user.workplaces, user.outgoing_mail = places[user.id], mail[user.id]

    def record_context(self: Any, record: Any) -> dict[str, Any]:
        """Their own page says the same."""
        self.complete_rows([record])
        context: dict[str, Any] = super().record_context(record)  # type: ignore[misc]
        return context

    def cell_of(self: Any, column: Described) -> Any:
        cells = {
            "department": lambda user: clipped(_department(user.workplaces)) or NOTHING,
            "workplace": lambda user: _workplace_cell(user.workplaces),
            "outgoing_mail": lambda user: _mail_cell(user.outgoing_mail),
            "second_step": lambda user: _second_step(user) or NOTHING,
        }
        return cells.get(column.name) or super().cell_of(column)  # type: ignore[misc]

    def export_value(self: Any, column: Described) -> Any:
        values = {
            "department": lambda user: _department(user.workplaces),
            "workplace": lambda user: ", ".join(map(_workplace, user.workplaces)),
            "outgoing_mail": lambda user: _mail_badge(user.outgoing_mail).word,
            "second_step": _second_step,
        }
        return values.get(column.name) or super().export_value(column)  # type: ignore[misc]

    def export_links(self: Any, asked: Any) -> list[dict[str, str]]:
        """A file has the columns of the tab that it was asked from."""
        links: list[dict[str, str]] = super().export_links(asked)  # type: ignore[misc]
        if not self.is_advanced or "cols" in dict(asked.pairs()):
            return links
        columns = f"cols={','.join(column.name for column in asked.columns)}"
        for link in links:
            link["url"] += f"{'&' if '?' in link['url'] else '?'}{columns}"
        return links

    def _list_context(self: Any, asked: Any) -> dict[str, Any]:
        context: dict[str, Any] = super()._list_context(asked)  # type: ignore[misc]
        context["user_tabs"] = user_tabs("advanced" if self.is_advanced else "users")
        context["addons_url"] = url_for("addons.index") if self.is_advanced else None
        context["subtitle"] = _how_many(self.scoped()) if self.is_advanced else None
        context["page"] = _("Advanced") if self.is_advanced else None
        return context


def user_tabs(current: str) -> list[UserTab]:
    """The pages about users that the reader may open."""
    tabs = [
        UserTab(_("Users"), url_for("user.index_view"), current == "users"),
        UserTab(_("Advanced"), url_for("user.advanced_view"), current == "advanced"),
    ]
    if current_staff().rights.allows("role", "view"):
        tabs.insert(
            1, UserTab(_("Roles and rights"), url_for("role.index_view"), current == "roles")
        )
    if current_staff().rights.allows("user_session", "view"):
        sessions = url_for("user_sessions.index")
        tabs.append(UserTab(_("Sessions"), sessions, current == "sessions"))
    return tabs


def _how_many(users: Select[Any]) -> str:
    """“48 users of 3 companies”, as far as the reader sees them."""
    count = db.session.scalar(select(func.count()).select_from(users.subquery())) or 0
    said = str(ngettext("%(num)d user", "%(num)d users", count))
    companies = len(companies_of(current_staff().user)) if sees_everywhere() else 1
    if companies == 1:
        return said
    return str(
        ngettext(
            "%(users)s of %(num)d company", "%(users)s of %(num)d companies", companies, users=said
        )
    )


def _department(places: Sequence[UserMembership]) -> str:
    """“Ventas · Norte”: the first place's, below the one that it belongs to."""
    department = places[0].department if places else None
    if department is None:
        return ""
    return f"{department.parent.name} · {department.name}" if department.parent else department.name


def _workplace(place: UserMembership) -> str:
    return f"{place.organization} · {place.branch}" if place.branch else str(place.organization)


def _workplace_cell(places: Sequence[UserMembership]) -> Any:
    if not places:
        return NOTHING
    if len(places) == 1:
        return clipped(_workplace(places[0]))
    others = places[1:]
    return Markup('{} <span class="dim" title="{}">{}</span>').format(
        _workplace(places[0]),
        ", ".join(map(_workplace, others)),
        ngettext("and %(num)d more", "and %(num)d more", len(others)),
    )


def _mail_badge(mail: OutgoingMail) -> Badge:
    """In the words of its newest test where that is what is wrong."""
    is_bad = mail.check is not None and mail.check.state is CheckState.BAD
    tested = badge_of(mail.check) if is_bad and mail.standing is Standing.TROUBLED else None
    tone, icon = STANDINGS[mail.standing]
    return tested or Badge(tone=tone, icon=icon, word=standing_word(mail.standing))


def _mail_cell(mail: OutgoingMail) -> Markup:
    shown = _mail_badge(mail)
    return badge(shown.word, Look(shown.tone, shown.icon))


def _second_step(user: User) -> str:
    return _("Code") if user.needs_totp else ""
