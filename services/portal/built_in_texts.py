"""What the portal's e-mails say where nobody has written anything: in every language of the product."""

from collections.abc import Mapping
from typing import Any

from flask_babel import force_locale
from flask_babel import lazy_gettext as _l

from models.portal.portal_text import PortalTextKind

K = PortalTextKind
_WORDS: Mapping[PortalTextKind, tuple[Any, Any]] = {
    K.ACCESS_EMAIL: (
        _l("Access to the portal of {{ company.name }}"),
        _l(
            "<p>Hello, {{ contact.name }}:</p>"
            "<p>{{ company.name }} has opened a place for {{ customer.name }} where you see your invoices,"
            " download them and accept quotes.</p>"
            '<p><a href="{{ access_url }}">Enter the portal</a></p>'
            "<p>The link works until {{ expires_on }}.</p>"
        ),
    ),
    K.VALIDATION_CONFIRMED: (
        _l("Your access to the portal of {{ company.name }}"),
        _l(
            "<p>Hello, {{ contact.name }}:</p>"
            "<p>Your access to the documents of {{ customer.name }} is confirmed. Your user name is"
            " {{ contact.login }}.</p>"
            '<p><a href="{{ portal_url }}">Open the portal</a></p>'
        ),
    ),
    K.NEW_PRIMARY: (
        _l("You are the primary contact of {{ company }}"),
        _l(
            "<p>Hello, {{ new_primary }}:</p>"
            "<p>Since {{ date }} you are the primary contact of {{ company }} at {{ company.name }}. Before, it was"
            " {{ previous_primary }}. {{ changed_by }} changed it.</p>"
        ),
    ),
    K.PREVIOUS_PRIMARY: (
        _l("{{ company }} has a new primary contact"),
        _l(
            "<p>Hello, {{ previous_primary }}:</p>"
            "<p>Since {{ date }} the primary contact of {{ company }} at {{ company.name }} is {{ new_primary }}."
            " {{ changed_by }} changed it.</p>"
        ),
    ),
    K.FORGOTTEN_USER_NAME: (
        _l("Your user names at {{ company.name }}"),
        _l(
            "<p>Hello, {{ contact.name }}:</p>"
            "<p>With this address you sign in as: {{ user_names }}</p>"
            '<p><a href="{{ portal_url }}">Open the portal</a></p>'
            "<p>If you did not ask for this, you need not do anything.</p>"
        ),
    ),
    K.PASSWORD_RESET: (
        _l("A new password for the portal of {{ company.name }}"),
        _l(
            "<p>Hello, {{ contact.name }}:</p>"
            "<p>Somebody asked for a new password for {{ contact.login }}.</p>"
            '<p><a href="{{ reset_url }}">Choose a new password</a></p>'
            "<p>The link works once, for {{ minutes }} minutes. If it was not you, you need not do anything.</p>"
        ),
    ),
}


def built_in(kind: PortalTextKind, lang: str) -> tuple[str, str]:
    """Subject and body; nothing for what is shown on pages or is sent only in somebody's own words."""
    subject, body = _WORDS.get(kind, ("", ""))
    with force_locale(lang):
        return str(subject), str(body)
