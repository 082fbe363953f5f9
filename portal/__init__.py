"""The customers' door: what they see of us, under the company's own name."""

from flask import Flask

from portal import door, guard, home, link


def register(app: Flask) -> None:
    """Open the door."""
    app.register_blueprint(link.blueprint)
    for room in (door, home):
        app.register_blueprint(room.blueprint)
    guard.init_app(app)
