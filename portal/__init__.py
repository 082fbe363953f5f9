"""The customers' door: what they see of us, under the company's own name."""

from flask import Flask

from portal import link


def register(app: Flask) -> None:
    """Open the door."""
    app.register_blueprint(link.blueprint)
