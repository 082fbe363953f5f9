"""Keep out of the portal who is no contact of the customer any more, and staff who work there no more."""

from alembic import op

revision = "20261127_43_pattack"
down_revision = "20261127_42_pstaff"
branch_labels = None
depends_on = None

# {staff}, {person} and {contact} are what this migration adds.
FIND_PORTAL_SESSION = """
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
     WHERE u.id = s.staff_user_id AND u.is_active{staff};
    RETURN;
  END IF;
  -- A membership that was suspended meanwhile is none: the person is asked where to go.
  RETURN QUERY
    SELECT s.id, s.organization_id, u.id, m.id, NULL::bigint, m.customer_id, m.contact_id, u.name, u.login, u.lang,
           coalesce(k.roles, ARRAY[]::text[]), coalesce(k.is_primary, false), s.confirmed_at
      FROM portal_user u
      LEFT JOIN (portal_membership m
                 JOIN customer c ON c.id = m.customer_id AND c.organization_id = m.organization_id
                 JOIN customer_contact k ON k.customer_id = m.customer_id AND k.contact_id = m.contact_id{person}
                 LEFT JOIN customer_group g ON g.id = c.customer_group_id)
        ON m.id = s.portal_membership_id AND m.portal_user_id = u.id AND m.state = 'validated'
           AND coalesce(g.uses_portal, true)
     WHERE u.id = s.portal_user_id AND u.is_active;
END $$;
"""
COUNT_CUSTOMERS = """
CREATE OR REPLACE FUNCTION count_portal_customers(user_key bigint) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
  SELECT count(*) FROM portal_membership m
    JOIN customer c ON c.id = m.customer_id AND c.organization_id = m.organization_id{contact}
    LEFT JOIN customer_group g ON g.id = c.customer_group_id
   WHERE m.portal_user_id = user_key AND m.organization_id = app_organization() AND m.state = 'validated'
     AND coalesce(g.uses_portal, true)
$$;
"""
# Who administers everything works everywhere.
STAFF = """
         AND (u.is_global_admin OR EXISTS (SELECT 1 FROM user_membership w
                                            WHERE w.user_id = u.id AND w.organization_id = s.organization_id))"""
PERSON = """
                 JOIN contact p ON p.id = k.contact_id AND p.organization_id = k.organization_id AND p.is_active"""
CONTACT = f"""
    JOIN customer_contact k ON k.customer_id = m.customer_id AND k.contact_id = m.contact_id{PERSON}"""


def upgrade() -> None:
    op.execute(FIND_PORTAL_SESSION.format(staff=STAFF, person=PERSON))
    op.execute(COUNT_CUSTOMERS.format(contact=CONTACT))


def downgrade() -> None:
    op.execute(FIND_PORTAL_SESSION.format(staff="", person=""))
    op.execute(COUNT_CUSTOMERS.format(contact=""))
