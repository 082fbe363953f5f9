"""Choose where to work: system, company and branch (S4-03)."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from admin_views.identity import current_staff
from admin_views.next_page import safe_next
from admin_views.shell import initials
from errors import Invalid
from models.base import db
from services.people.places import (
    Company,
    choose_place,
    companies_of,
    last_place_of,
    remember_place,
)
from services.people.tax_ids import plain_name, shown_tax_id

ALL_BRANCHES = "all"
blueprint = Blueprint("places", __name__)


@dataclass(frozen=True)
class Choice:
    """A radio button of the page."""

    value: str
    name: str
    detail: str | None
    is_chosen: bool
    initials: str = ""
    branches: tuple["Choice", ...] = ()


@blueprint.route("/place", methods=["GET", "POST"])
def place() -> ResponseReturnValue:
    staff = current_staff()
    if request.method != "POST":
        return _page()
    organization_id, branch_id = _chosen(request.form)
    chosen = choose_place(staff.user, staff.session, organization_id, branch_id)
    remember_place(staff.user, wanted="remember" in request.form)
    db.session.commit()
    flash(_("You work in %(name)s now.", name=chosen.organization.name))
    return redirect(safe_next())


def _chosen(form: Any) -> tuple[int, int | None]:
    organization = form.get("organization", "")
    branch = form.get(f"branch-{organization}", ALL_BRANCHES)
    if not _is_key(organization) or not (_is_key(branch) or branch == ALL_BRANCHES):
        raise Invalid(_("Choose a company."), field="organization")
    return int(organization), int(branch) if branch != ALL_BRANCHES else None


def _is_key(text: str) -> bool:
    return text.isdecimal() and len(text) < 19


def _page() -> ResponseReturnValue:
    staff = current_staff()
    companies = companies_of(staff.user)
    if staff.organization is not None:
        now = (staff.organization.id, staff.branch.id if staff.branch else None)
    else:
        now = last_place_of(staff.user) or (0, None)
    return render_template(
        "admin/auth/choose_organization.html",
        companies=[
            _company(company, now, is_first=number == 0 and now[0] == 0)
            for number, company in enumerate(companies)
        ],
        user=staff.user,
        is_inside=staff.has_place,
        next=request.args.get("next", ""),
    )


def _company(company: Company, now: tuple[int, int | None], *, is_first: bool) -> Choice:
    organization = company.organization
    is_here = organization.id == now[0]
    kind, number = organization.tax_id_type, organization.tax_id
    tax_id = (
        f"{plain_name(kind) if kind else ''} {shown_tax_id(number, kind)}".strip() if number else ""
    )
    count = len(company.branches)
    branches = [
        Choice(str(branch.id), branch.name, None, is_here and branch.id == now[1])
        for branch in company.branches
    ]
    if company.may_see_all_branches and count > 1:
        everything = Choice(ALL_BRANCHES, _("All branches"), None, is_here and now[1] is None)
        branches.insert(0, everything)
    if branches and not any(branch.is_chosen for branch in branches):
        first = branches[0]
        branches[0] = Choice(first.value, first.name, first.detail, True)
    if company.may_see_all_branches and count == 1:
        branches = []  # nothing to choose: all of one is one
    return Choice(
        value=str(organization.id),
        name=organization.name,
        detail=" · ".join(filter(None, [tax_id, _branches(count)])),
        is_chosen=is_here or is_first,
        initials=initials(organization.name),
        branches=tuple(branches),
    )


def _branches(count: int) -> str:
    return str(ngettext("%(num)d branch", "%(num)d branches", count)) if count else ""
