"""What a person calls their browser, from what the browser calls itself."""

import re

from flask_babel import gettext as _

# In this order: nearly all of them also say that they are Chrome or Safari.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox|FxiOS", "Firefox"),
    ("Chrome|CriOS|Chromium", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("iPhone|iPad", "iOS"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Macintosh|Mac OS", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux|X11", "Linux"),
)


def browser_name(user_agent: str | None) -> str:
    """Such as “Firefox, Windows”; a plain word when the browser does not tell."""
    said = user_agent or ""
    found = [
        next((name for pattern, name in words if re.search(pattern, said)), None)
        for words in (BROWSERS, SYSTEMS)
    ]
    return ", ".join(filter(None, found)) or _("Another program")
