"""The pages that an add-on brings along: looked at before the product takes them, and guarded afterwards."""

from collections.abc import Mapping

from flask import Blueprint, Flask, request

from admin_views.addons import AddOn, Right
from admin_views.identity import current_staff
from errors import Forbidden

# What a blueprint can do to the pages of everybody, by the names that Flask keeps it under.
EVERYWHERE = (
    "before_request_funcs",
    "after_request_funcs",
    "teardown_request_funcs",
    "url_value_preprocessors",
    "url_default_functions",
    "error_handler_spec",
)


class Unfit(Exception):
    """The pages cannot be taken; the message is for whoever writes the add-on."""


def add_routes(app: Flask, addon: AddOn) -> None:
    """Give the add-on's pages their addresses; raises Unfit and adds nothing if one of them is not guarded."""
    if addon.blueprint is not None:
        prefix = f"/addons/{addon.name.replace('_', '-')}"
        rights = _looked_at(addon, addon.blueprint, prefix)
        taken = {rule.rule for rule in app.url_map.iter_rules()}
        if any(rule == prefix or rule.startswith(f"{prefix}/") for rule in taken):
            raise Unfit(f"the address {prefix} is taken")
        app.register_blueprint(addon.blueprint, name=blueprint_of(addon), url_prefix=prefix)
        app.extensions["addon_rights"].update(rights)
    if endpoint_of(addon) not in app.view_functions:
        raise Unfit(f"there is no page {addon.endpoint}")


def blueprint_of(addon: AddOn) -> str:
    """Its name among the product's: no name that others give can take one of ours."""
    return f"addon_{addon.name}"


def endpoint_of(addon: AddOn) -> str:
    return f"{blueprint_of(addon)}{addon.endpoint}" if addon.endpoint[0] == "." else addon.endpoint


def guard_addons(app: Flask) -> None:
    """Ask the role matrix before every page of an add-on; `guard.py` has asked before who is there."""
    app.extensions["addon_rights"] = {}

    @app.before_request
    def ask_the_matrix() -> None:
        rights: Mapping[str, Right] = app.extensions["addon_rights"]
        if right := rights.get(request.endpoint or ""):
            current_staff().rights.require(right.resource, right.action)
        elif (request.blueprint or "").startswith("addon_"):
            raise Forbidden("This page says nothing about who may open it.")


def _looked_at(addon: AddOn, blueprint: Blueprint, prefix: str) -> dict[str, Right]:
    """The right of every route by its endpoint, found out in an application that nobody uses."""
    name = blueprint_of(addon)
    alone, empty = (Flask("addon", static_folder=None) for _each in range(2))
    alone.register_blueprint(blueprint, name=name, url_prefix=prefix)
    for kept in EVERYWHERE:
        if _for_everybody(alone, kept) != _for_everybody(empty, kept):
            raise Unfit(f"it changes the pages of others ({kept})")
    found, unguarded = {}, []
    for rule in alone.url_map.iter_rules():
        function = rule.endpoint.removeprefix(f"{name}.")
        if function in addon.rights:
            found[rule.endpoint] = addon.rights[function]
        else:
            unguarded.append(f"{function} ({rule.rule})")
    if unguarded:
        raise Unfit(f"no right is declared for {', '.join(sorted(unguarded))}")
    return found


def _for_everybody(app: Flask, kept: str) -> int:
    """How many hooks apply to all pages; error handlers count by their codes."""
    return len(getattr(app, kept).get(None, ()))
