"""The logo of the company in its messages, and pictures pasted into their texts: they go along and load nothing."""

import logging
from dataclasses import replace
from functools import lru_cache

from flask import current_app

from errors import AppError
from files.errors import UnusableDocument
from files.logo_pixels import logo_in_pixels
from files.store import FileStore
from mail.letter import Letter
from mail.pictures import Picture, taken_out, with_source
from models.people.organization import Organization

logger = logging.getLogger(__name__)
LOGO_HERE = "cid:logo"  # what a picture's address is where the logo stands


def logo_of(organization: Organization) -> Picture | None:
    """The logo, small enough to go along with every message; None without one."""
    if organization.logo_sha256 is None:
        return None
    try:
        return _logo(organization.logo_sha256, current_app.extensions["settings"].files_url)
    except (UnusableDocument, AppError) as problem:
        logger.warning("the logo of %s is left out of messages: %s", organization.id, problem)
        return None


@lru_cache(maxsize=128)
def pictured(letter: Letter, logo: Picture | None) -> Letter:
    """The letter with its pictures apart; ask before its fields are filled in. Without a logo, its place is left out."""
    html, pictures = taken_out(letter.html)
    shown = with_source(html, LOGO_HERE, logo.url if logo else None)
    if logo is not None and shown != html:
        pictures = (logo, *(each for each in pictures if each != logo))
    return replace(letter, html=shown, pictures=pictures)


@lru_cache(maxsize=64)
def _logo(sha256: str, files_url: str) -> Picture | None:
    return Picture.of(logo_in_pixels(FileStore(files_url).read(sha256)))
