"""The door for staff: Flask-Admin's engine with our screens, guards and looks."""

from flask import Flask, redirect
from flask.typing import ResponseReturnValue
from flask_admin import AdminIndexView, expose
from flask_admin.theme import Theme
from flask_login import current_user

import admin_views.crud.audit_events
import admin_views.crud.customers
import admin_views.crud.deliveries
import admin_views.crud.invoices
import admin_views.crud.documents
import admin_views.crud.mail_accounts
import admin_views.crud.payments
import admin_views.crud.users  # noqa: F401
from admin_views.base import at_the_door
from admin_views.menu import VentanillaAdmin
from admin_views.registry import register_all
from extensions import csp_nonce


def register(app: Flask) -> VentanillaAdmin:
    """Give the application its admin, with a screen for every model that describes itself."""
    admin = VentanillaAdmin(
        app,
        name="Ventanilla",
        index_view=HomeView(url="/admin", endpoint="admin"),
        # No such folder exists: a template that we forgot is an error, not a page of Flask-Admin's own.
        theme=Theme(folder="none", base_template="admin/base.html"),
        csp_nonce_generator=csp_nonce,
    )
    register_all(admin)
    return admin


class HomeView(AdminIndexView):
    """The start: the first list that the staff may open."""

    def is_accessible(self) -> bool:
        return bool(current_user.is_authenticated)

    def inaccessible_callback(self, name: str, **kwargs: object) -> ResponseReturnValue:
        return at_the_door()

    @expose("/")
    def index(self) -> ResponseReturnValue:
        return redirect(self.get_url("invoice.index_view"))
