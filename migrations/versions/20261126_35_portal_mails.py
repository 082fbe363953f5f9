"""Say of every kind of activity in the portal when staff is told, and remember when a domain was last checked."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261126_35_portal_mails"
down_revision = "20261126_34_portal_pages"
branch_labels = None
depends_on = None

# A new organization has a portal from the first moment (20261126_32_portal_walls).
PORTAL_OF_EACH = """
CREATE OR REPLACE FUNCTION organization_has_portal() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO portal_settings (organization_id, public_id, version, created_at, updated_at, name, title,
    notify_of_activity, {columns}, notify_emails, notify_customer_of_comments, allow_profile_edit,
    allow_address_edit, allow_card_edit, allow_forward, allow_reviews, show_sales_orders, show_projects, banner)
  VALUES (NEW.id, gen_random_uuid(), 1, now(), now(), portal_name_for(NEW.name), NEW.name,
    true, {values}, '{{}}', true, true, true, false, true, false, true, false, '{{}}');
  RETURN NULL;
END $$;
"""


def upgrade() -> None:
    op.add_column(
        "portal_settings",
        sa.Column("notify", postgresql.JSONB(), server_default="{}", nullable=False),
    )
    op.alter_column("portal_settings", "notify", server_default=None)
    op.add_column(
        "portal_settings",
        sa.Column("domain_checked_at", sa.DateTime(timezone=True), nullable=True),
    )
    op.execute(PORTAL_OF_EACH.format(columns="notify", values="'{}'"))
    op.drop_column("portal_settings", "notify_mode")
    op.drop_column("portal_settings", "muted")


def downgrade() -> None:
    mode = sa.Enum(
        "at_once", "daily", name="notifymode", native_enum=False, create_constraint=True, length=40
    )
    op.add_column(
        "portal_settings", sa.Column("notify_mode", mode, server_default="at_once", nullable=False)
    )
    op.add_column(
        "portal_settings",
        sa.Column("muted", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
    )
    op.alter_column("portal_settings", "notify_mode", server_default=None)
    op.alter_column("portal_settings", "muted", server_default=None)
    op.execute(PORTAL_OF_EACH.format(columns="notify_mode, muted", values="'at_once', '{}'"))
    op.drop_column("portal_settings", "domain_checked_at")
    op.drop_column("portal_settings", "notify")
