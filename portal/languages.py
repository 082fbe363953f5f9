"""In which languages a page for customers can be read, so that the reader's is found among them."""

from flask import Flask, g, request

from extensions.hosts import PORTAL_HOST
from models.people.organization import Organization
from models.portal.portal_settings import PORTAL_LANGUAGES, PortalSettings
from services.portal.languages import offered_languages

DOORS = ("portal", "l")


def init_app(app: Flask) -> None:
    app.url_value_preprocessor(_offer_all)


def offer(settings: PortalSettings, organization: Organization) -> None:
    """This company's page is read in one of its languages."""
    g.languages = offered_languages(settings, organization)


def _offer_all(endpoint: str | None, values: object) -> None:
    """Before anybody knows whose page it is: a page that does not exist speaks to a customer as well."""
    if request.environ.get(PORTAL_HOST) or request.path.split("/")[1] in DOORS:
        g.languages = PORTAL_LANGUAGES
