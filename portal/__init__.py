"""The customers' door: what they see of us, under the company's own name."""

from flask import Flask

from portal import (
    door,
    forgotten,
    home,
    invitation,
    link,
    magic_links,
    request_access,
    security,
    security_address,
    security_second_step,
    sign_in,
    spoken_code,
)

ROOMS = (
    door,
    sign_in,
    magic_links,
    spoken_code,
    forgotten,
    invitation,
    request_access,
    security,
    security_address,
    security_second_step,
    home,
)


def register(app: Flask) -> None:
    """Open the door."""
    app.register_blueprint(link.blueprint)
    for room in ROOMS:
        app.register_blueprint(room.blueprint)
    app.extensions["own_guards"] = {
        room.blueprint.name for room in ROOMS
    }  # the staff's guard leaves them alone
