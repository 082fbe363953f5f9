"""How often something is done behind the guard: counted for each person, since behind a proxy all have one network address."""

from portal.guard import current_visitor


def per_visitor() -> str:
    """The name of the counter of whoever is signed in, on all of their browsers."""
    visitor = current_visitor()
    return f"portal-visitor:{visitor.portal_user_id or ''}:{visitor.staff_user_id or ''}"
