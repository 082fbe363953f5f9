"""Let mail accounts lose and regain a permission, and let stored secrets be sealed anew under another key.

A frozen message stays frozen; only one whose head is sealed may get the same head under a newer key.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261126_21_oauth"
down_revision = "20261126_18_grid"
branch_labels = None
depends_on = None

REASONS = (
    *("no_address", "invalid_address", "suppressed", "bounced_before", "no_role"),
    *("contact_inactive", "portal_only", "document_not_posted", "document_void"),
    *("document_excluded", "duplicate_recipient", "over_size", "language_missing"),
    *("render_error", "account_disabled", "from_not_allowed", "auth_failed", "tls_failed"),
    *("connect_failed", "throttled", "recipient_rejected", "content_rejected", "quota"),
    *("stopped", "cancelled", "crash_in_data", "manual", "on_hold"),
)
# Tables with reasons, and what becomes of the new one when it goes.
WITH_REASONS = {
    "delivery_state": "UPDATE delivery_state SET reason_code = 'auth_failed' WHERE reason_code = 'consent_lost'",
    "mailing_exclusion": "UPDATE mailing_exclusion SET reason_code = 'auth_failed' WHERE reason_code = 'consent_lost'",
}
RESEALED = """
CREATE FUNCTION frozen_body() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF substring(OLD.head FROM 1 FOR 7) = 'sealed:'::bytea AND substring(NEW.head FROM 1 FOR 7) = 'sealed:'::bytea
     AND (NEW.delivery_id, NEW.organization_id, NEW.parts) IS NOT DISTINCT FROM
         (OLD.delivery_id, OLD.organization_id, OLD.parts) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'row_is_frozen' USING ERRCODE = 'restrict_violation';
END $$
"""


def upgrade() -> None:
    op.add_column("oauth_token", sa.Column("obtained_at", sa.DateTime(timezone=True)))
    _allow_reasons(*REASONS, "consent_lost")
    op.execute(RESEALED)
    op.execute("DROP TRIGGER frozen_row ON delivery_body")
    op.execute(
        "CREATE TRIGGER frozen_row BEFORE UPDATE ON delivery_body"
        " FOR EACH ROW EXECUTE FUNCTION frozen_body()"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER frozen_row ON delivery_body")
    op.execute(
        "CREATE TRIGGER frozen_row BEFORE UPDATE ON delivery_body"
        " FOR EACH ROW EXECUTE FUNCTION frozen_row()"
    )
    op.execute("DROP FUNCTION frozen_body()")
    for table, back in WITH_REASONS.items():
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        op.execute(back)
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    _allow_reasons(*REASONS)
    op.drop_column("oauth_token", "obtained_at")


def _allow_reasons(*reasons: str) -> None:
    words = ", ".join(f"'{reason}'" for reason in reasons)
    for table in WITH_REASONS:
        name = op.f(f"ck_{table}_reasoncode")
        op.drop_constraint(name, table, type_="check")
        op.create_check_constraint(name, table, f"reason_code IN ({words})")
