"""Every model with `__admin__` gets its screen; `screen_for` registers one that says something different."""

import re
from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_admin import AdminIndexView, BaseView, expose
from flask_admin.theme import Theme

from admin_views.base import ModelScreen
from admin_views.menu import VentanillaAdmin
from extensions.headers import csp_nonce
from models.base import AdminInfo, Record

S = TypeVar("S", bound=type[ModelScreen])
_declared: dict[type[Any], type[ModelScreen]] = {}


def screen_for(*models: type[Any]) -> Callable[[S], S]:
    """The screen class of these models."""

    def keep(screen: S) -> S:
        for model in models:
            _declared[model] = screen
        return screen

    return keep


def models_with_screens() -> list[type[Any]]:
    """The models that describe themselves to the admin, in the order of the menu."""
    found = [
        mapper.class_
        for mapper in Record.registry.mappers
        if isinstance(mapper.class_.__dict__.get("__admin__"), AdminInfo)
    ]
    return sorted(found, key=lambda model: (model.__admin__.order, model.__name__))


def endpoint_of(model: type[Any]) -> str:
    """The first part of the address: `sales_order` for SalesOrder, `oauth_application` for OAuthApplication."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", model.__name__).lower()


class StartView(AdminIndexView):
    """`/admin/` itself: there is nothing but the way home."""

    def __init__(self) -> None:
        BaseView.__init__(self, name="admin", endpoint="admin", url="/admin")

    @expose("/")
    def index(self) -> ResponseReturnValue:
        return redirect(url_for("home.home"))


def register(app: Flask) -> None:
    """Give the application its admin, with a screen for every model that describes itself."""
    admin = VentanillaAdmin(
        app,
        name="Ventanilla",
        index_view=StartView(),
        # No such folder exists: a template that we forgot is an error, not a page of Flask-Admin's own.
        theme=Theme(folder="none", base_template="admin/base.html"),
        csp_nonce_generator=csp_nonce,
    )
    for model in models_with_screens():
        screen = _declared.get(model, ModelScreen)
        admin.add_view(screen(model, endpoint_of(model)))
