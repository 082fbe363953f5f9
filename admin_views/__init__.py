"""The staff's door: its screens, its guard and its frame."""

from flask import Flask

from admin_views import guard, shell
from admin_views.screens import account, health, home, imports, places, prefs, setup, sign_in


def register(app: Flask) -> None:
    """Put every screen behind the guard."""
    guard.init_app(app)
    shell.init_app(app)
    for screen in (sign_in, places, prefs, setup, account, home, health, imports):
        app.register_blueprint(screen.blueprint)
