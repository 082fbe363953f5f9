"""The addresses that stand on a page many times: made once for each portal, since they differ by one word."""

from functools import lru_cache
from uuid import UUID

from flask import url_for

from portal.guard import current_portal

ANY = UUID(int=0)


def page_url(endpoint: str) -> str:
    """Of a page that is the same for everybody in this portal."""
    return _url(endpoint, current_portal().name)


def document_url(public_id: UUID) -> str:
    """Where a document is."""
    return url_of("portal-document.document", public_id)


def pdf_url(public_id: UUID) -> str:
    """Where its PDF is."""
    return url_of("portal-document.pdf", public_id)


def url_of(endpoint: str, public_id: UUID) -> str:
    """Of a page of one document, or of anything else that has a public name."""
    return _of_any(endpoint, current_portal().name).replace(str(ANY), str(public_id))


@lru_cache(maxsize=5_000)
def _url(endpoint: str, portal_name: str) -> str:
    return url_for(endpoint, portal_name=portal_name)


@lru_cache(maxsize=1_000)
def _of_any(endpoint: str, portal_name: str) -> str:
    return url_for(endpoint, portal_name=portal_name, public_id=ANY)
