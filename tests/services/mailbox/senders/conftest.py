"""Two clerks and an administrator."""

import pytest

from models.people.organization import Organization
from models.people.user import User
from tests.factories.people import make_user


@pytest.fixture
def lucia(organization: Organization) -> User:
    return make_user(organization, name="Lucía")


@pytest.fixture
def omar(organization: Organization) -> User:
    return make_user(organization, name="Omar")


@pytest.fixture
def admin(organization: Organization) -> User:
    return make_user(organization, role="administrator", name="Ana")
