"""Which add-ons there are: the product's own, and those that packages of others bring along (L-23).

What somebody else's package does wrong is kept and shown on the page of add-ons; the product starts without it.
"""

import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from flask import Flask, current_app
from flask_babel import lazy_gettext as _l

from admin_views.addon_routes import Unfit, add_routes, guard_addons
from admin_views.addons import GROUP, INTERFACE, AddOn

logger = logging.getLogger(__name__)
NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


class Fault(StrEnum):
    """Why an add-on is not used."""

    IMPORT = "import"
    KIND = "kind"
    NAME = "name"
    INTERFACE = "interface"
    TWICE = "twice"
    PAGES = "pages"

    @classmethod
    def labels(cls) -> dict["Fault", Any]:
        return {
            cls.IMPORT: _l("It cannot be loaded."),
            cls.KIND: _l("Its entry point names something that is no add-on."),
            cls.NAME: _l("It does not have the name of its entry point, or not a plain one."),
            cls.INTERFACE: _l("It was written for another version of Ventanilla."),
            cls.TWICE: _l("Another add-on has its name already."),
            cls.PAGES: _l("Its pages are refused: they are not guarded, or not where they belong."),
        }


@dataclass(frozen=True, kw_only=True)
class BrokenAddOn:
    """One that is not used: its package, why not, and what the program said."""

    name: str
    package: str
    version: str
    fault: Fault
    detail: str


@dataclass(frozen=True, kw_only=True)
class ForeignAddOn:
    """One that a package has brought along."""

    addon: AddOn
    package: str
    version: str


@dataclass
class AddOns:
    """All that were found at the start."""

    built_in: list[AddOn] = field(default_factory=list)
    foreign: list[ForeignAddOn] = field(default_factory=list)
    broken: list[BrokenAddOn] = field(default_factory=list)

    def names(self) -> set[str]:
        return {each.name for each in self.built_in} | {each.addon.name for each in self.foreign}


def init_app(app: Flask, built_in: Iterable[AddOn]) -> None:
    """Find them and take in their pages; after every other page has its address."""
    guard_addons(app)
    found = app.extensions["addons"] = AddOns()
    for addon in built_in:
        add_routes(app, addon)
        found.built_in.append(addon)
    for point in sorted(entry_points(group=GROUP), key=lambda one: (one.name, _package(one))):
        try:
            foreign = _loaded(app, point, found.names())
        except _Refused as refused:
            logger.warning("add-on %s is not used: %s", point.name, refused, exc_info=True)
            found.broken.append(
                BrokenAddOn(
                    name=point.name,
                    package=_package(point),
                    version=_version(point),
                    fault=refused.fault,
                    detail=str(refused),
                )
            )
        else:
            found.foreign.append(foreign)


def addons() -> AddOns:
    """Those of this application."""
    found: AddOns = current_app.extensions["addons"]
    return found


class _Refused(Exception):
    def __init__(self, fault: Fault, detail: str) -> None:
        super().__init__(detail)
        self.fault = fault


def _loaded(app: Flask, point: EntryPoint, taken: set[str]) -> ForeignAddOn:
    try:
        addon = point.load()
    except (Exception, SystemExit) as problem:
        # Whatever somebody else's module does while it is imported is theirs to mend, not a reason not to start.
        raise _Refused(Fault.IMPORT, f"{type(problem).__name__}: {problem}") from problem
    if not isinstance(addon, AddOn):
        raise _Refused(Fault.KIND, f"{point.value} is of {type(addon).__name__}")
    if addon.interface != INTERFACE:
        raise _Refused(Fault.INTERFACE, f"interface {addon.interface}; here it is {INTERFACE}")
    if addon.name != point.name or not NAME.fullmatch(addon.name):
        raise _Refused(Fault.NAME, f"{point.name!r} and {addon.name!r}")
    if addon.name in taken:
        raise _Refused(Fault.TWICE, addon.name)
    try:
        add_routes(app, addon)
    except Unfit as problem:
        raise _Refused(Fault.PAGES, str(problem)) from problem
    except Exception as problem:
        raise _Refused(Fault.PAGES, f"{type(problem).__name__}: {problem}") from problem
    return ForeignAddOn(addon=addon, package=_package(point), version=_version(point))


def _package(point: EntryPoint) -> str:
    return str(point.dist.name) if point.dist else ""


def _version(point: EntryPoint) -> str:
    return str(point.dist.version) if point.dist else ""
