"""Let staff look at the portal as one of a customer's contacts, and find what a customer owes by the day it is due."""

import sqlalchemy as sa
from alembic import op

revision = "20261127_41_plook"
down_revision = "20261126_37_sealed_payment"
branch_labels = None
depends_on = None

OWED = "ix_document_owed"
UNPAID = "kind = 'invoice' AND state IN ('posted', 'partially_paid')"
KEY = "fk_portal_session_organization_id_contact_id"
FIND_AS_CONTACT = """
CREATE OR REPLACE FUNCTION find_portal_session(wanted text, idle_minutes int)
RETURNS TABLE (session_id bigint, organization_id bigint, portal_user_id bigint, portal_membership_id bigint,
               staff_user_id bigint, customer_id bigint, contact_id bigint, name text, login text, lang text,
               roles text[], is_primary boolean, confirmed_at timestamptz)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE s portal_session;
BEGIN
  SELECT * INTO s FROM portal_session p
   WHERE p.token_hash = wanted AND p.revoked_at IS NULL AND p.ends_at > now()
     AND p.last_seen_at > now() - make_interval(mins => idle_minutes);
  IF NOT FOUND THEN RETURN; END IF;
  IF s.last_seen_at < now() - interval '1 minute' THEN  -- not a write per request
    UPDATE portal_session p SET last_seen_at = now() WHERE p.id = s.id;
  END IF;
  IF s.staff_user_id IS NOT NULL THEN
    -- As one of the customer's contacts, who may have gone meanwhile; else as the customer in whole.
    RETURN QUERY SELECT s.id, s.organization_id, NULL::bigint, NULL::bigint, u.id, s.customer_id, k.contact_id, u.name,
                        u.email, u.lang, coalesce(k.roles, ARRAY[]::text[]), coalesce(k.is_primary, false),
                        NULL::timestamptz
      FROM "user" u
      LEFT JOIN customer_contact k ON k.customer_id = s.customer_id AND k.contact_id = s.contact_id
     WHERE u.id = s.staff_user_id AND u.is_active;
    RETURN;
  END IF;
  -- A membership that was suspended meanwhile is none: the person is asked where to go.
  RETURN QUERY
    SELECT s.id, s.organization_id, u.id, m.id, NULL::bigint, m.customer_id, m.contact_id, u.name, u.login, u.lang,
           coalesce(k.roles, ARRAY[]::text[]), coalesce(k.is_primary, false), s.confirmed_at
      FROM portal_user u
      LEFT JOIN (portal_membership m
                 JOIN customer c ON c.id = m.customer_id AND c.organization_id = m.organization_id
                 JOIN customer_contact k ON k.customer_id = m.customer_id AND k.contact_id = m.contact_id
                 LEFT JOIN customer_group g ON g.id = c.customer_group_id)
        ON m.id = s.portal_membership_id AND m.portal_user_id = u.id AND m.state = 'validated'
           AND coalesce(g.uses_portal, true)
     WHERE u.id = s.portal_user_id AND u.is_active;
END $$;
"""
FIND_AS_CUSTOMER = """
CREATE OR REPLACE FUNCTION find_portal_session(wanted text, idle_minutes int)
RETURNS TABLE (session_id bigint, organization_id bigint, portal_user_id bigint, portal_membership_id bigint,
               staff_user_id bigint, customer_id bigint, contact_id bigint, name text, login text, lang text,
               roles text[], is_primary boolean, confirmed_at timestamptz)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE s portal_session;
BEGIN
  SELECT * INTO s FROM portal_session p
   WHERE p.token_hash = wanted AND p.revoked_at IS NULL AND p.ends_at > now()
     AND p.last_seen_at > now() - make_interval(mins => idle_minutes);
  IF NOT FOUND THEN RETURN; END IF;
  IF s.last_seen_at < now() - interval '1 minute' THEN  -- not a write per request
    UPDATE portal_session p SET last_seen_at = now() WHERE p.id = s.id;
  END IF;
  IF s.staff_user_id IS NOT NULL THEN
    RETURN QUERY SELECT s.id, s.organization_id, NULL::bigint, NULL::bigint, u.id, s.customer_id, NULL::bigint, u.name,
                        u.email, u.lang, ARRAY[]::text[], false, NULL::timestamptz
      FROM "user" u WHERE u.id = s.staff_user_id AND u.is_active;
    RETURN;
  END IF;
  -- A membership that was suspended meanwhile is none: the person is asked where to go.
  RETURN QUERY
    SELECT s.id, s.organization_id, u.id, m.id, NULL::bigint, m.customer_id, m.contact_id, u.name, u.login, u.lang,
           coalesce(k.roles, ARRAY[]::text[]), coalesce(k.is_primary, false), s.confirmed_at
      FROM portal_user u
      LEFT JOIN (portal_membership m
                 JOIN customer c ON c.id = m.customer_id AND c.organization_id = m.organization_id
                 JOIN customer_contact k ON k.customer_id = m.customer_id AND k.contact_id = m.contact_id
                 LEFT JOIN customer_group g ON g.id = c.customer_group_id)
        ON m.id = s.portal_membership_id AND m.portal_user_id = u.id AND m.state = 'validated'
           AND coalesce(g.uses_portal, true)
     WHERE u.id = s.portal_user_id AND u.is_active;
END $$;
"""


def upgrade() -> None:
    op.add_column("portal_session", sa.Column("contact_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        KEY,
        "portal_session",
        "contact",
        ["organization_id", "contact_id"],
        ["organization_id", "id"],
        ondelete="CASCADE",
    )
    op.create_check_constraint(
        op.f("ck_portal_session_only_staff_look_as_a_contact"),
        "portal_session",
        "contact_id IS NULL OR staff_user_id IS NOT NULL",
    )
    op.execute(FIND_AS_CONTACT)
    op.create_index(
        OWED,
        "document",
        ["organization_id", "customer_id", "due_date", "id"],
        postgresql_where=sa.text(UNPAID),
    )


def downgrade() -> None:
    op.drop_index(OWED, "document")
    op.execute(FIND_AS_CUSTOMER)
    op.drop_constraint(op.f("ck_portal_session_only_staff_look_as_a_contact"), "portal_session")
    op.drop_constraint(KEY, "portal_session")
    op.drop_column("portal_session", "contact_id")
