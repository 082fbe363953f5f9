"""Where one stands in the gallery: what the address says, and the addresses of everywhere else."""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, ClassVar

from flask import request, url_for

from models.mailings.mailing import Mailing
from services.mailings.gallery_marks import Asked, Mark


class View(StrEnum):
    """What fills the page."""

    BOTH = "both"
    PDF = "pdf"
    MESSAGE = "message"


class Shape(StrEnum):
    """How a message is shown."""

    HTML = "html"
    PHONE = "phone"
    TEXT = "text"
    SOURCE = "source"


@dataclass(frozen=True)
class GalleryPlace:
    """Everything that an address of the gallery says, so that it survives reload and can be sent as a link."""

    mailing: Mailing
    asked: Asked = field(default_factory=Asked)
    shown: Mark | None = None
    at: Mark | None = None  # where the page of the list begins
    view: View = View.BOTH
    shape: Shape = Shape.HTML
    file: int | None = None

    PAGE: ClassVar[str] = "mailing_console.gallery"

    def url(self, **changes: Any) -> str:
        """The address, with what is to be different; another row starts with its own first file."""
        if "shown" in changes:
            changes.setdefault("file", None)
        there = replace(self, **changes)
        asked: dict[str, Any] = {
            "show": "review" if there.asked.is_review else None,
            "search": there.asked.search or None,
            "at": there.at,
            "view": there.view if there.view is not View.BOTH else None,
            "as": there.shape if there.shape is not Shape.HTML else None,
            "file": there.file,
            "m": there.shown,
        }
        return url_for(self.PAGE, public_id=self.mailing.public_id, **asked)


def place_asked_for(mailing: Mailing) -> GalleryPlace:
    """What the address of this request says; what is no answer to a question counts as the usual one."""
    view, shape = request.args.get("view", ""), request.args.get("as", "")
    file = request.args.get("file", "")
    return GalleryPlace(
        mailing=mailing,
        asked=Asked(
            is_review=request.args.get("show") == "review",
            search=request.args.get("search", "").strip()[:200],
        ),
        shown=Mark.read(request.args.get("m")),
        at=Mark.read(request.args.get("at")),
        view=View(view) if view in set(View) else View.BOTH,
        shape=Shape(shape) if shape in set(Shape) else Shape.HTML,
        file=int(file) if file.isdecimal() and len(file) < 4 else None,
    )


def gallery_url(mailing: Mailing, *, is_review: bool = False) -> str:
    """The gallery, or what is to be reviewed in it."""
    return GalleryPlace(mailing, Asked(is_review=is_review)).url()
