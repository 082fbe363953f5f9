"""Organizations and staff: made by commands, the seed and the first administrator."""

import re

from babel.numbers import list_currencies
from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext as _
from sqlalchemy import select

from errors import Conflict, Invalid, NotFound
from models.base import db
from models.people.membership import UserMembership
from models.people.organization import Branch, Organization
from models.people.role import Role
from models.people.user import User
from models.tenancy import acting_in
from services.people.passwords import set_password
from services.people.tax_ids import check_tax_id


def create_organization(
    code: str,
    name: str,
    *,
    tax_id: str | None = None,
    tax_id_type: str | None = None,
    currency: str = "EUR",
) -> Organization:
    """A new organization with its main branch; raises Invalid or Conflict with a sentence for people."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}", code):
        raise Invalid(_("A code has letters, digits, - and _ only, 40 at most."), field="code")
    if not name.strip():
        raise Invalid(_("A name is needed."), field="name")
    if currency not in list_currencies():
        raise Invalid(_("A currency is three capital letters, such as EUR."), field="currency")
    if db.session.scalar(Organization.by_code(code)) is not None:
        raise Conflict(_("There is already an organization with the code %(code)s.", code=code))
    if tax_id:
        tax_id_type, tax_id = check_tax_id(tax_id, tax_id_type)
    organization = Organization(
        code=code, name=name.strip(), tax_id=tax_id, tax_id_type=tax_id_type, base_currency=currency
    )
    db.session.add(organization)
    db.session.flush()
    with acting_in(organization.id):
        db.session.add(Branch(code="1", name=_("Main branch")))
        db.session.flush()
    return organization


def organization_with_code(code: str) -> Organization:
    """The organization with this code; raises NotFound."""
    organization: Organization | None = db.session.scalar(Organization.by_code(code))
    if organization is None:
        raise NotFound(_("There is no organization with the code %(code)s.", code=code))
    return organization


def create_user(
    email: str, name: str, *, password: str, role_code: str, organization: Organization
) -> User:
    """A member of staff with a role in one organization."""
    try:
        address = validate_email(
            email, check_deliverability=False, test_environment=True
        ).normalized
    except EmailNotValidError:
        raise Invalid(
            _("“%(email)s” is not an e-mail address.", email=email), field="email"
        ) from None
    role = db.session.scalar(select(Role).where(Role.code == role_code))
    if role is None:
        raise NotFound(_("There is no role %(role)s.", role=role_code))
    if not name.strip():
        raise Invalid(_("A name is needed."), field="name")
    user = db.session.scalar(User.by_email(address))
    if user is not None:
        raise Conflict(_("There is already a user with the address %(email)s.", email=address))
    user = User(email=address, name=name.strip(), lang=organization.default_lang)
    set_password(user, password)
    db.session.add(user)
    db.session.flush()
    with acting_in(organization.id):
        db.session.add(UserMembership(user_id=user.id, role_id=role.id))
        db.session.flush()
    return user
