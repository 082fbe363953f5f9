"""L-23, L-25: the routes that a package of others brings along are walked over by the very walks of the product's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from app import create_app
from models.base import db
from models.people.organization import Organization
from settings import Settings
from tests.addon_packages import install_example, on_the_path
from tests.admin_views.conftest import SignIn
from tests.admin_views.test_route_walks import (
    Walk,
    routes,
    test_every_page_is_strict,
    test_every_post_wants_its_token,
    test_every_route_obeys_the_role_matrix,
    test_get_changes_nothing,
    test_strangers_are_led_to_the_door,
)
from tests.factories.admin import Rows
from tests.factories.people import make_user

__all__ = [
    "test_every_page_is_strict",
    "test_every_post_wants_its_token",
    "test_every_route_obeys_the_role_matrix",
    "test_get_changes_nothing",
    "test_strangers_are_led_to_the_door",
]


@pytest.fixture
def app(app: Flask, settings: Settings, tmp_path: Path) -> Iterator[Flask]:
    """The product, started with the example package."""
    with on_the_path(tmp_path):
        install_example(tmp_path)
        again = create_app(settings)
        again.config.update(TESTING=True)
        with again.app_context():
            yield again
            db.session.rollback()
            db.session.remove()


@pytest.fixture
def walk(app: Flask) -> Walk:
    return [each for each in routes(app) if each[0].startswith("addon_")]


def test_there_is_something_to_walk_over(walk: Walk) -> None:
    """A page, a page of one record, a deed."""
    assert [(method, url.count("/")) for _endpoint, method, url in walk] == [
        ("GET", 3),
        ("GET", 3),
        ("POST", 4),
    ]


def test_another_organizations_people_mean_nothing(
    organization: Organization, sign_in: SignIn, foreign: Rows
) -> None:
    """T1: by the look-up that the how-to recommends."""
    own = make_user(organization)
    db.session.commit()
    client = sign_in()
    stranger = foreign.keys["user"]

    assert client.get(f"/addons/who-is-here/{own.id}").status_code == 200
    assert client.get(f"/addons/who-is-here/{stranger}").status_code == 404
    assert client.post(f"/addons/who-is-here/{stranger}/wave").status_code == 404
