"""What the organization has registered at Google and Microsoft (X4-02)."""

from typing import Any

from flask_babel import gettext as _

from admin_views.base import ModelScreen
from admin_views.identity import settings
from admin_views.registry import screen_for
from admin_views.screens.mail_permission import redirect_uri
from errors import Invalid
from models.mailbox.oauth import OAuthApplication, OAuthProvider
from services.mailbox.oauth_client import service_account_of
from services.mailbox.oauth_endpoints import TENANT


@screen_for(OAuthApplication)
class OAuthApplicationScreen(ModelScreen):
    """The secret can be written, never read; beside the form stand the provider's steps."""

    edit_template_name = "admin/mailbox/oauth_application.html"
    create_template_name = "admin/mailbox/oauth_application_new.html"
    bulk_columns = ()

    def before_save(self, record: Any, form: Any, is_new: bool) -> None:
        record.client_id = (record.client_id or "").strip()
        record.tenant = (record.tenant or "").strip() or None
        if record.tenant is not None and not TENANT.fullmatch(record.tenant):
            raise Invalid(
                _("A tenant is a domain, or an id of letters, digits and hyphens."), field="tenant"
            )
        written = str(form.secret.data or "") if "secret" in form._fields else ""
        is_key = written.lstrip().startswith("{")
        is_google = record.provider is OAuthProvider.GOOGLE
        if is_key and not (is_google and service_account_of(written)):
            raise Invalid(
                _("This is no key of a Google service account: paste the whole JSON file."),
                field="secret",
            )

    def render(self, template: str, **kwargs: Any) -> str:
        return super().render(
            template, redirect_uri=redirect_uri(settings().public_base_url), **kwargs
        )
