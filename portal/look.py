"""How a company's pages look: its colour as a stylesheet and its logo. Both are public, and kept by browsers.

A colour's stylesheet depends on nothing but the colour, so its address never changes its meaning; a logo's address
is the hash of its content.
"""

import re

from flask import Blueprint, Response, current_app, g, url_for
from flask_babel import gettext as _
from sqlalchemy import select

from errors import NotFound
from files.brand_colour import FALLBACK, by_day, by_night
from files.logo import logo_as_svg
from files.store import FileStore
from models.base import db
from models.people.organization import Organization

COLOUR = re.compile("[0-9a-f]{6}")
blueprint = Blueprint("look", __name__, url_prefix="/look")


@blueprint.before_request
def for_everybody() -> None:
    g.is_identity_unknown = True


@blueprint.get("/<colour>.css")
def colours(colour: str) -> Response:
    """The company's colour in the words of the stylesheet, readable by day and by night."""
    if not COLOUR.fullmatch(colour):
        raise NotFound(_("This page does not exist."))
    day, night = by_day(f"#{colour}"), by_night(f"#{colour}")
    rules = "".join(
        f"--v-{name}:light-dark({light},{dark});"
        for name, light, dark in (
            ("brand", day.brand, night.brand),
            ("brand-strong", day.strong, night.strong),
            ("brand-fg", day.words, night.words),
            ("brand-soft", day.soft, night.soft),
        )
    )
    g.is_kept_by_browsers = True
    return Response(f":root{{{rules}}}\n", mimetype="text/css")


@blueprint.get("/logo/<sha256>")
def logo(sha256: str) -> Response:
    """The picture, if it is some company's logo."""
    if db.session.scalar(select(Organization.id).where(Organization.logo_sha256 == sha256)) is None:
        raise NotFound(_("This page does not exist."))
    picture = FileStore(current_app.extensions["settings"].files_url).read(sha256)
    answer = Response(logo_as_svg(picture), mimetype="image/svg+xml")
    # An SVG of a stranger's making: shown as a picture it runs nothing, and opened by itself neither.
    answer.headers["Content-Security-Policy"] = (
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'; sandbox"
    )
    g.is_kept_by_browsers = True
    return answer


def colours_url(organization: Organization) -> str:
    """Where the company's colour is."""
    return url_for(
        "look.colours", colour=(organization.brand_color or FALLBACK).lower().lstrip("#")
    )


def logo_url(organization: Organization) -> str | None:
    """Where its logo is, if it has one."""
    sha256 = organization.logo_sha256
    return url_for("look.logo", sha256=sha256) if sha256 else None
