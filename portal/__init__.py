"""The customers' door: what they see of us, under the company's own name."""

from flask import Flask

from portal import door, home, link


def register(app: Flask) -> None:
    """Open the door."""
    app.register_blueprint(link.blueprint)
    rooms = [room.blueprint for room in (door, home)]
    for room in rooms:
        app.register_blueprint(room)
    app.extensions["own_guards"] = {
        room.name for room in rooms
    }  # the staff's guard leaves them alone
