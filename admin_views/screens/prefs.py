"""Language, colours and keys: kept with the user, before signing in in the cookie.

Public: a stranger may read the sign-in page in their language.
"""

from flask import Blueprint, redirect, request, session
from flask.typing import ResponseReturnValue
from flask_babel import refresh
from flask_login import current_user

from admin_views.identity import current_staff
from admin_views.next_page import safe_next
from extensions.languages import LANGUAGES
from models.base import db

THEMES = {"light": "light", "dark": "dark", "system": None}
blueprint = Blueprint("prefs", __name__)


@blueprint.post("/prefs")
def prefs() -> ResponseReturnValue:
    lang, theme, keys = (request.form.get(name) for name in ("lang", "theme", "keys"))
    user = current_staff().user if current_user.is_authenticated else None
    if lang in LANGUAGES:
        session["lang"] = lang
        if user:
            user.lang = lang
    if theme in THEMES:
        session["theme"] = THEMES[theme]
        if user:
            user.theme = THEMES[theme]
    if keys in ("on", "off"):
        session["keys"] = keys == "on"
        if user:
            user.has_single_keys = keys == "on"
    db.session.commit()
    refresh()
    return redirect(safe_next())
