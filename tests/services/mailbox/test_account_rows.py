"""Whose accounts the grid shows (S4-10), and under which domain (S4-17)."""

import pytest

from models.base import db
from models.mailbox.account_default import AccountDefault, MailPurpose
from models.mailbox.letterhead import Letterhead
from models.people.organization import Department, Organization
from models.tenancy import acting_in
from services.mailbox.account_rows import Choice
from services.mailbox.default_domain import domain_of, keep_default_domain
from services.people.departments import DepartmentTree
from tests.factories.accounts import (
    account_rows,
    make_colleague,
    make_department,
    make_own_account,
    row_of,
)
from tests.factories.people import make_mail_account, make_organization
from tests.factories.saving import saved


@pytest.fixture
def ventas(organization: Organization) -> Department:
    """Three people in Ventas, two in Norte below it, one in Cartera."""
    ventas = make_department("Ventas")
    norte = make_department("Norte", parent=ventas)
    for name in ("Begoña", "Andrés", "Camilo"):
        make_colleague(organization, name, department=ventas)
    for name in ("Diana", "Eugenia"):
        make_colleague(organization, name, department=norte)
    make_colleague(organization, "Fabián", department=make_department("Cartera"))
    return ventas


def names(choice: Choice) -> list[str]:
    return [row.user.name for row in account_rows().chosen(choice)]


def test_a_department_shows_its_people(ventas: Department) -> None:
    """S4-10: by name, with those of the departments below it or without."""
    everybody = ["Andrés", "Begoña", "Camilo", "Diana", "Eugenia"]

    assert names(Choice(department_id=ventas.id)) == everybody
    assert names(Choice(department_id=ventas.id, with_below=False)) == everybody[:3]
    assert names(Choice()) == [*everybody, "Fabián"]


def test_people_stand_in_the_order_of_their_names(organization: Organization) -> None:
    for name in ("Zoe", "Íñigo", "ana", "Óscar", "Iván"):
        make_colleague(organization, name)

    assert names(Choice()) == ["ana", "Íñigo", "Iván", "Óscar", "Zoe"]


def test_only_those_without_an_account(ventas: Department) -> None:
    """S4-10."""
    rows = account_rows().chosen(Choice(department_id=ventas.id))
    make_own_account(rows[0].user, "andres@penalba.test")

    assert "Andrés" not in names(Choice(department_id=ventas.id, only_without=True))


def test_people_of_other_companies_and_who_left_are_not_shown(
    ventas: Department, organization: Organization
) -> None:
    other = make_organization()
    with acting_in(other.id):
        stranger = make_colleague(other, "Extraña")
    make_colleague(organization, "Gone", department=ventas, is_active=False)

    assert not {"Extraña", "Gone"} & set(names(Choice()))
    assert account_rows().of([stranger.id]) == {}


def test_departments_in_a_circle_end_nowhere(organization: Organization) -> None:
    first = make_department("A")
    second = make_department("B", parent=first)
    first.parent_id = second.id
    db.session.flush()
    tree = DepartmentTree()

    assert tree.below(first.id) == {first.id, second.id}
    assert tree.above(first.id) == [first.id, second.id]
    assert len(tree.entries()) == 2


def test_a_department_is_counted_with_those_below(ventas: Department) -> None:
    entries = {each.department.name: each for each in DepartmentTree().entries()}

    assert (entries["Ventas"].people, entries["Ventas"].people_below) == (3, 5)
    assert (entries["Norte"].depth, entries["Norte"].people_below) == (1, 2)


def test_of_several_accounts_the_default_one_is_edited(organization: Organization) -> None:
    """S4-01: the one taken for personal mail, else the first; the others are counted."""
    user = make_colleague(organization, "Lucía")
    first = make_own_account(user, "a@penalba.test")
    second = make_own_account(user, "b@penalba.test")
    make_mail_account(address="shared@penalba.test", is_shared=True)

    assert (row_of(user).account, row_of(user).further) == (first, 1)

    saved(AccountDefault(account_id=first.id, user_id=user.id, purpose=MailPurpose.INVOICES))
    saved(AccountDefault(account_id=second.id, user_id=user.id, purpose=MailPurpose.PERSONAL))

    assert row_of(user).account == second


def test_the_default_domain_is_inherited(ventas: Department, organization: Organization) -> None:
    """S4-17: organization > department > user, the nearest one counts."""
    keep_default_domain(None, "acme.com")
    user = account_rows().chosen(Choice(department_id=ventas.id, with_below=True))[-1].user
    assert row_of(user).domain == "acme.com"

    keep_default_domain(ventas, "ventas.acme.com")
    assert row_of(user).domain == "ventas.acme.com"

    saved(Letterhead(user_id=user.id, default_domain="own.test"))
    assert row_of(user).domain == "own.test"

    keep_default_domain(ventas, "")
    assert DepartmentTree().find(ventas.id) == ventas
    assert row_of(account_rows().chosen(Choice())[0].user).domain == "acme.com"


def test_a_default_domain_is_kept_once(organization: Organization) -> None:
    assert keep_default_domain(None, domain_of("@Peñalba.test"))
    assert not keep_default_domain(None, domain_of("peñalba.test"))
    assert db.session.query(Letterhead).one().default_domain == "xn--pealba-xwa.test"
