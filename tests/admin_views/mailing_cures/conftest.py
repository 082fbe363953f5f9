"""A clerk who reads English."""

import pytest
from flask.testing import FlaskClient

from tests.admin_views.conftest import SignIn


@pytest.fixture
def clerk(sign_in: SignIn) -> FlaskClient:
    return sign_in("clerk", lang="es")
