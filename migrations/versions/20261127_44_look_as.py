"""Let staff who still work there look as one of a customer's contacts."""

from alembic import op

revision = "20261127_44_look_as"
down_revision = "20261127_43_pattack"
branch_labels = None
depends_on = None

AS_CONTACT = """
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
    RETURN QUERY SELECT s.id, s.organization_id, NULL::bigint, NULL::bigint, u.id, s.customer_id, k.contact_id, u.name,
                        u.email, u.lang, coalesce(k.roles, ARRAY[]::text[]), coalesce(k.is_primary, false),
                        NULL::timestamptz
      FROM "user" u
      LEFT JOIN customer_contact k ON k.customer_id = s.customer_id AND k.contact_id = s.contact_id
     WHERE u.id = s.staff_user_id AND u.is_active
         AND (u.is_global_admin OR EXISTS (SELECT 1 FROM user_membership w
                                            WHERE w.user_id = u.id AND w.organization_id = s.organization_id));
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
                 JOIN contact p ON p.id = k.contact_id AND p.organization_id = k.organization_id AND p.is_active
                 LEFT JOIN customer_group g ON g.id = c.customer_group_id)
        ON m.id = s.portal_membership_id AND m.portal_user_id = u.id AND m.state = 'validated'
           AND coalesce(g.uses_portal, true)
     WHERE u.id = s.portal_user_id AND u.is_active;
END $$;
"""
AS_CUSTOMER = """
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
      FROM "user" u WHERE u.id = s.staff_user_id AND u.is_active
         AND (u.is_global_admin OR EXISTS (SELECT 1 FROM user_membership w
                                            WHERE w.user_id = u.id AND w.organization_id = s.organization_id));
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
                 JOIN contact p ON p.id = k.contact_id AND p.organization_id = k.organization_id AND p.is_active
                 LEFT JOIN customer_group g ON g.id = c.customer_group_id)
        ON m.id = s.portal_membership_id AND m.portal_user_id = u.id AND m.state = 'validated'
           AND coalesce(g.uses_portal, true)
     WHERE u.id = s.portal_user_id AND u.is_active;
END $$;
"""


def upgrade() -> None:
    op.execute(AS_CONTACT)


def downgrade() -> None:
    op.execute(AS_CUSTOMER)
