"""For whom each route of the staff's side is: what its screen says, or what is written here by hand."""

from flask import current_app

from admin_views.registry import endpoint_of, models_with_screens
from services.people.access import Rights
from tests.admin_views.routes_by_hand import ALL_STAFF, BY_HAND, EVERYBODY

SCREENS = {endpoint_of(model): model for model in models_with_screens()}
# The right that a screen's route asks for; `verb_view` and `action_view` ask for the verb's own.
RIGHT_OF_ROUTE = {
    "index_view": "view",
    "advanced_view": "view",
    "details_view": "view",
    "filter_value": "view",
    "ajax_lookup": "view",
    "ajax_update": "view",
    "file_view": "view",
    "pdf_view": "view",
    "attachment_view": "view",
    "attach_view": "attach",
    "detach_view": "attach",
    "verb_view": "delete",
    "action_view": "delete",
    "create_view": "create",
    "edit_view": "edit",
    "cell_view": "edit",
    "mails_view": "view",
    "issue_view": "post",
    "count_view": "post",
    "bulk_edit_view": "edit",
    "delete_confirm": "delete",
    "delete_view": "delete",
    "export": "export",
}


SHARED_AND_FOR_GLOBAL_ADMINISTRATORS = {"create", "edit", "delete"}


def expected(endpoint: str, rights: Rights) -> bool:
    """Whether a role with these rights may call the route."""
    if endpoint in EVERYBODY | ALL_STAFF:
        return True
    if endpoint == "review.create_view":
        return False  # customers write them
    if endpoint in BY_HAND:
        return rights.allows(*BY_HAND[endpoint])
    if endpoint in (of_addons := current_app.extensions["addon_rights"]):
        return rights.allows(of_addons[endpoint].resource, of_addons[endpoint].action)
    screen, _dot, route = endpoint.partition(".")
    model = SCREENS[screen]
    table, right = model.__tablename__, RIGHT_OF_ROUTE[route]
    if model.__admin__.read_only and right in ("create", "edit", "delete"):
        return False
    if not hasattr(model, "organization_id") and right in SHARED_AND_FOR_GLOBAL_ADMINISTRATORS:
        return False
    return rights.allows(table, "view") and rights.allows(table, right)
