"""Which records a screen works on: one query for list, look-up, details, edit, delete, batch and export."""

from typing import Any

from sqlalchemy import Select, false, select

from admin_views.identity import current_staff
from models.base import InOrganization
from models.people.membership import UserMembership
from models.people.organization import Organization
from models.people.user import User
from models.system.audit_event import AuditEvent


def scoped(model: type[Any]) -> Select[Any]:
    """The records of this model that the signed-in staff may know of.

    Records of an organization are narrowed by `models/tenancy.py` already. What all organizations share is
    narrowed here to what belongs to the present one, unless the staff administers the whole installation.
    """
    staff = current_staff()
    query = select(model)
    if staff.organization is None:
        return query.where(false())
    if issubclass(model, InOrganization) or staff.user.is_global_admin:
        return query
    if issubclass(model, AuditEvent):  # events of no organization tell of everybody's staff
        return query.where(model.organization_id == staff.organization.id)
    if issubclass(model, Organization):
        return query.where(model.id == staff.organization.id)
    if issubclass(model, User):
        colleagues = select(UserMembership.user_id)
        return query.where(model.id.in_(colleagues))
    return query


def may_write_shared(model: type[Any]) -> bool:
    """Whether the staff may make, change or delete records of this kind: shared ones, only who administers everything."""
    staff = current_staff()
    return issubclass(model, InOrganization) or bool(staff.user.is_global_admin)
