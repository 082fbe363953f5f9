"""A server that gives permission, and the addresses of it."""

import dataclasses
from collections.abc import Iterator

import pytest
from flask import Flask

from services.mailbox.oauth_endpoints import OAuthEndpoints
from tests.servers.authorization_server import AuthorizationServer


@pytest.fixture
def server(app: Flask) -> Iterator[AuthorizationServer]:
    """A provider of our own, as the settings name it."""
    before = app.extensions["settings"]
    with AuthorizationServer() as running:
        app.extensions["settings"] = dataclasses.replace(before, **running.urls())
        yield running
    app.extensions["settings"] = before


@pytest.fixture
def endpoints(server: AuthorizationServer) -> OAuthEndpoints:
    return OAuthEndpoints(**server.urls())
