"""The people who work in the demo company."""

import random

from sqlalchemy import select

from models.base import db
from models.people.membership import UserMembership
from models.people.organization import Branch, Department, Organization
from models.people.role import Role
from models.people.user import User
from models.tenancy import acting_in
from seed.companies import Company
from seed.words import DEPARTMENTS, FIRST_NAMES, LAST_NAMES, POSITIONS, WORKPLACES, plain
from services.people.passwords import hasher

STAFF = 40
DEMO_PASSWORD = "ventanilla de prueba"  # nosec B105  # the demo's, said on the screen at every start
SIGN_INS = (
    ("lucia@penalba.example", "Lucía Ordóñez", "clerk"),
    ("admin@penalba.example", "Andrés Peñalba", "administrator"),
    ("consulta@penalba.example", "Inés Zúñiga", "reader"),
)


def make_departments(company: Company) -> dict[str, Department]:
    """The departments, some below others, and the branches; within the company's scope."""
    db.session.add_all(Branch(code=code, name=name) for code, name in company.branches)
    departments = {code: Department(code=code, name=name) for code, name, _above in DEPARTMENTS}
    db.session.add_all(departments.values())
    db.session.flush()
    for code, _name, above in DEPARTMENTS:
        departments[code].parent_id = departments[above].id if above else None
    db.session.flush()
    return departments


def make_staff(
    chance: random.Random,
    organizations: list[Organization],
    departments: list[dict[str, Department]],
) -> list[list[User]]:
    """Forty people: three with known sign-ins who work everywhere, the others in one company each.

    Returns who works in each organization.
    """
    roles = {role.code: role for role in db.session.scalars(select(Role))}
    known_hash = hasher.hash(DEMO_PASSWORD)
    people = [
        User(
            email=email,
            name=name,
            lang="es",
            password_hash=known_hash,
            is_global_admin=role == "administrator",
        )
        for email, name, role in SIGN_INS
    ]
    names = {person.name for person in people}
    while len(people) < STAFF:
        name = f"{chance.choice(FIRST_NAMES)} {chance.choice(LAST_NAMES)}"
        if name not in names:
            names.add(name)
            people.append(User(email=f"{plain(name)}@penalba.example", name=name, lang="es"))
    db.session.add_all(people)
    db.session.flush()
    colleagues: list[list[User]] = [[] for _organization in organizations]
    for number, person in enumerate(people):
        known = number < len(SIGN_INS)
        home = 0 if number % 2 else chance.randrange(len(organizations))
        for place, organization in enumerate(organizations):
            if known or place == home:
                colleagues[place].append(person)
                code = WORKPLACES[number % len(WORKPLACES)]
                person.position = POSITIONS[code]
                person.phone = organization.phone
                department = departments[place][code]
                role = SIGN_INS[number][2] if known else ("clerk" if number % 3 else "reader")
                with acting_in(organization.id):
                    membership = UserMembership(
                        user_id=person.id, role_id=roles[role].id, department_id=department.id
                    )
                    db.session.add(membership)
                    db.session.flush()
    return colleagues
