"""Every model with `__admin__` gets its screen; `screen_for` registers one that says something different."""

import re
from collections.abc import Callable
from typing import Any, TypeVar

from admin_views.base import ModelScreen
from admin_views.menu import VentanillaAdmin
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
    """The first part of the address: `sales_order` for SalesOrder."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", model.__name__).lower()


def register_all(admin: VentanillaAdmin) -> dict[type[Any], ModelScreen]:
    """Make the screens and give them to the admin."""
    screens = {}
    for model in models_with_screens():
        screen_class = _declared.get(model, ModelScreen)
        screen = screen_class(model, endpoint_of(model))
        admin.add_view(screen)
        screens[model] = screen
    return screens
