"""The staff's door: its screens, its guard and its frame, and a screen for every model that describes itself."""

from flask import Flask

import admin_views.crud.audit_events
import admin_views.crud.customer_groups
import admin_views.crud.customers
import admin_views.crud.deliveries
import admin_views.crud.documents
import admin_views.crud.invoices
import admin_views.crud.mail_accounts
import admin_views.crud.oauth_applications
import admin_views.crud.organizations
import admin_views.crud.payments
import admin_views.crud.reviews
import admin_views.crud.roles
import admin_views.crud.share_links
import admin_views.crud.statements
import admin_views.crud.users
import admin_views.crud.work  # noqa: F401
from admin_views import addon_registry, guard, registry, shell
from admin_views.built_in_addons import BUILT_IN
from admin_views.bulk_rules import bulk_desk
from admin_views.menu import add_pages, menu_of
from admin_views.screens import (
    access_requests,
    account,
    account_check_asking,
    account_checks,
    account_checks_list,
    account_grid,
    account_grid_passwords,
    account_grid_tests,
    account_grid_typing,
    account_letterhead,
    addons,
    bulk_runs,
    document_address,
    handbook,
    health,
    home,
    imports,
    mail_acting,
    mail_area,
    mail_compose,
    mail_compose_files,
    mail_compose_saving,
    mail_customers,
    mail_door,
    mail_message,
    mail_own_folders,
    mail_password,
    mail_permission,
    mail_presence,
    mail_rights,
    mail_search,
    mail_set_aside,
    mail_snoozing,
    mailing_anomalies,
    mailing_console,
    mailing_cures,
    mailing_door,
    mailing_example,
    mailing_export,
    mailing_flow,
    mailing_gallery,
    mailing_gallery_message,
    mailing_invoices,
    mailing_left_out,
    mailing_new,
    mailing_recipients,
    mailing_rehearsal,
    mailing_rehearsal_message,
    mailing_retry,
    mailing_saved,
    mailing_schedule,
    mailing_summary,
    mailing_test,
    mailing_why,
    own_letterhead,
    passwords,
    places,
    portal_emails,
    portal_members,
    portal_preferences,
    portal_questions,
    portal_revisions,
    portal_texts,
    prefs,
    setup,
    sign_in,
    user_sessions,
)

SCREENS = (
    sign_in,
    passwords,
    places,
    prefs,
    setup,
    account,
    home,
    health,
    imports,
    bulk_runs,
    mail_password,
    mail_permission,
    mail_set_aside,
    account_letterhead,
    own_letterhead,
    document_address,
    handbook,
    mail_rights,
    addons,
    portal_members,
    access_requests,
    portal_preferences,
    portal_emails,
    portal_texts,
    portal_questions,
    portal_revisions,
    user_sessions,
)
# One blueprint each with its routes in several files; the console, and the grid, are their first pages.
MAILINGS = (
    mailing_console,
    mailing_new,
    mailing_saved,
    mailing_summary,
    mailing_left_out,
    mailing_example,
    mailing_schedule,
    mailing_flow,
    mailing_test,
    mailing_invoices,
    mailing_gallery,
    mailing_gallery_message,
    mailing_anomalies,
    mailing_recipients,
    mailing_rehearsal,
    mailing_rehearsal_message,
    mailing_export,
    mailing_why,
    mailing_cures,
    mailing_retry,
)
ACCOUNTS = (account_grid, account_grid_typing, account_grid_tests, account_grid_passwords)
# Its first page is the door that the others share.
MAIL_AREA = (
    mail_door,
    mail_area,
    mail_acting,
    mail_presence,
    mail_snoozing,
    mail_own_folders,
    mail_customers,
    mail_message,
    mail_search,
    mail_compose,
    mail_compose_saving,
    mail_compose_files,
)
ACCOUNT_CHECKS = (account_checks, account_checks_list, account_check_asking)

# Where G and a letter lead.
GO_KEYS = {"f": "invoice.index_view", "e": "mailing_console.console", "c": "mail_area.index"}


def register(app: Flask) -> None:
    """Put every screen behind the guard."""
    health.init_app(app)
    guard.init_app(app)
    shell.init_app(app)
    shell.menu_from(app, menu_of)
    for screen in (*SCREENS, MAILINGS[0], ACCOUNTS[0], ACCOUNT_CHECKS[0], MAIL_AREA[0]):
        app.register_blueprint(screen.blueprint)
    add_pages(
        app,
        imports.MENU_PAGE,
        bulk_runs.MENU_PAGE,
        mail_rights.MENU_PAGE,
        mailing_door.MENU_PAGE,
        mail_door.MENU_PAGE,
        mail_set_aside.MENU_PAGE,
        access_requests.MENU_PAGE,
        portal_preferences.MENU_PAGE,
    )
    app.extensions["bulk_desk"] = bulk_desk
    registry.register(app)
    app.extensions["go"] = GO_KEYS
    addon_registry.init_app(app, BUILT_IN)
