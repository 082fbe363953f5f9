"""The customers' door: what they see of us, under the company's own name."""

from flask import Flask

from portal import (
    account,
    addresses,
    comments,
    document,
    documents,
    door,
    forgotten,
    forward,
    guard,
    home,
    invitation,
    languages,
    link,
    links,
    look,
    magic_links,
    payment_methods,
    payments,
    profile,
    project,
    request_access,
    request_company,
    reviews,
    security,
    security_address,
    security_second_step,
    sign_in,
    spoken_code,
    verify,
)

ROOMS = (
    door,
    sign_in,
    magic_links,
    spoken_code,
    forgotten,
    invitation,
    request_access,
    request_company,
    security,
    security_address,
    security_second_step,
    home,
    documents,
    document,
    payments,
    account,
    links,
    project,
    comments,
    forward,
    profile,
    addresses,
    payment_methods,
    reviews,
    verify,
)


def register(app: Flask) -> None:
    """Open the door."""
    languages.init_app(app)
    app.register_blueprint(link.blueprint)
    app.register_blueprint(look.blueprint)
    app.extensions["knows_visitor"] = [guard.is_somebody]
    for room in ROOMS:
        app.register_blueprint(room.blueprint)
    app.extensions["own_guards"] = {
        room.blueprint.name for room in ROOMS
    }  # the staff's guard leaves them alone
