"""What is refused before any page sees it: forms of endless size, and NUL."""

from flask import abort, current_app, request, session

STAFF_SESSION = "_user_id"  # where Flask-Login keeps the token of a staff session


def limit_form() -> None:
    """Only uploads of somebody signed in may be large; Werkzeug itself has no limit for plain forms.

    The CSRF check reads the whole body before the guard has asked who sends it.
    """
    if request.mimetype == "application/x-www-form-urlencoded" or not _is_somebody():
        request.max_content_length = current_app.config["MAX_FORM_MEMORY_SIZE"]


def _is_somebody() -> bool:
    """Whether anybody is signed in: staff, or whom a door with sessions of its own knows."""
    knowing = current_app.extensions.get("knows_visitor", ())
    return STAFF_SESSION in session or any(knows() for knows in knowing)


def refuse_nul() -> None:
    """No text of ours holds NUL, and PostgreSQL takes none: whoever sends one gets a 400, not an error of ours."""
    sent = (
        request.path,
        *request.values.keys(),
        *(v for _n, v in request.values.items(multi=True)),
    )
    if any("\0" in text for text in sent):
        abort(400)
