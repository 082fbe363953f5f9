"""The pages that an add-on brings along: looked at before the product takes them, and guarded afterwards."""

from collections.abc import Mapping

from flask import Blueprint, Flask, request
from werkzeug.routing import Rule

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
    """Give the add-on's pages their addresses; raises Unfit, and adds nothing, if they are not as they must be."""
    prefix = f"/addons/{addon.name.replace('_', '-')}"
    rules = list(app.url_map.iter_rules())
    rights: dict[str, Right] = {}
    if addon.blueprint is not None:
        if any(f"{rule.rule}/".startswith(f"{prefix}/") for rule in rules):
            raise Unfit(f"the address {prefix} is taken")
        found = _looked_at(addon, addon.blueprint, prefix)
        rights = _rights_of(addon, found)
        rules += found
    if not any(_opens(rule, endpoint_of(addon)) for rule in rules):
        raise Unfit(f"there is no page {addon.endpoint} that opens by itself")
    if addon.blueprint is not None:
        app.extensions["addon_rights"].update(rights)
        app.register_blueprint(addon.blueprint, name=blueprint_of(addon), url_prefix=prefix)


def _opens(rule: Rule, endpoint: str) -> bool:
    return rule.endpoint == endpoint and not rule.arguments and "GET" in (rule.methods or ())


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


def _looked_at(addon: AddOn, blueprint: Blueprint, prefix: str) -> list[Rule]:
    """The blueprint's routes, found out in an application that nobody uses."""
    alone, empty = (Flask("addon", static_folder=None) for _each in range(2))
    alone.register_blueprint(blueprint, name=blueprint_of(addon), url_prefix=prefix)
    for kept in EVERYWHERE:
        if _for_everybody(alone, kept) != _for_everybody(empty, kept):
            raise Unfit(f"it changes the pages of others ({kept})")
    return list(alone.url_map.iter_rules())


def _rights_of(addon: AddOn, rules: list[Rule]) -> dict[str, Right]:
    """The right of every route by its endpoint."""
    found, unguarded = {}, []
    for rule in rules:
        function = rule.endpoint.removeprefix(f"{blueprint_of(addon)}.")
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
