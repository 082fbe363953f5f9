"""Find who visits the portal with half the work: every page asks, and it was most of what a page asked of PostgreSQL.

A portal is looked for by its name first; former names and own domains only where that finds none. What there is for the
customer is asked for one row that is at hand: as an answer that might have had five, PostgreSQL read the statements of
all customers.
"""

from alembic import op

revision = "20261127_80_visit"
down_revision = "20261127_89_languages"
branch_labels = None
depends_on = None

COLUMNS = """
CREATE OR REPLACE FUNCTION find_visit(wanted text, host text, token_hash text, idle_minutes int)
RETURNS TABLE (portal_organization_id bigint, portal_name text, stamp text, session_id bigint, organization_id bigint,
               portal_user_id bigint, portal_membership_id bigint, staff_user_id bigint, customer_id bigint,
               contact_id bigint, name text, login text, lang text, roles text[], is_primary boolean,
               confirmed_at timestamptz, customer_name text, customer_currency text, has_other_customers boolean,
               holds text[])
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
"""
HAS_OTHER_CUSTOMERS = """EXISTS (SELECT 1 FROM portal_membership m
                     JOIN customer other ON other.id = m.customer_id AND other.organization_id = m.organization_id
                     JOIN customer_contact k ON k.customer_id = m.customer_id AND k.contact_id = m.contact_id
                     JOIN contact p ON p.id = k.contact_id AND p.organization_id = k.organization_id AND p.is_active
                     LEFT JOIN customer_group g ON g.id = other.customer_group_id
                    WHERE m.portal_user_id = v.portal_user_id AND m.organization_id = portal.id
                      AND m.state = 'validated' AND coalesce(g.uses_portal, true)
                      AND m.customer_id <> v.customer_id)"""
# Each is one look into an index, and none for who stands at no customer.
OF_DOCUMENTS = (
    "CASE WHEN EXISTS (SELECT 1 FROM document d WHERE d.organization_id = v.organization_id"
    " AND d.customer_id = v.customer_id AND d.kind = '{kind}' AND d.state <> 'draft') THEN '{subject}' END"
)
SUBJECTS = {
    "quotes": "quote",
    "sales_orders": "sales_order",
    "credit_notes": "credit_note",
    "statements": "statement",
}
OF_PAYMENTS = (
    "CASE WHEN EXISTS (SELECT 1 FROM payment p WHERE p.organization_id = v.organization_id"
    " AND p.customer_id = v.customer_id) THEN 'payments' END"
)
OF_PROJECTS = (
    "CASE WHEN EXISTS (SELECT 1 FROM project p WHERE p.organization_id = v.organization_id"
    " AND p.customer_id = v.customer_id AND p.is_shared) THEN 'projects' END"
)
ALL = [
    *(OF_DOCUMENTS.format(kind=kind, subject=subject) for subject, kind in SUBJECTS.items()),
    OF_PAYMENTS,
    OF_PROJECTS,
]
HOLDS = f"array_remove(ARRAY[{', '.join(ALL)}], NULL)"
STAMP = "o.xmin || '.' || o.ctid || '.' || s.xmin || '.' || s.ctid"
OF_VISITOR = """v.session_id, v.organization_id, v.portal_user_id, v.portal_membership_id, v.staff_user_id,
           v.customer_id, v.contact_id, v.name, v.login, v.lang, v.roles, v.is_primary, v.confirmed_at"""
OF_NOBODY = """NULL::bigint, NULL::bigint, NULL::bigint, NULL::bigint, NULL::bigint,
           NULL::bigint, NULL::bigint, NULL, NULL, NULL, NULL::text[], NULL::boolean, NULL::timestamptz"""
NEW = f"""{COLUMNS}
DECLARE portal record; v record;
BEGIN
  SELECT s.organization_id AS id, s.name, {STAMP} AS stamp INTO portal
    FROM portal_settings s
    JOIN organization o ON o.id = s.organization_id
   WHERE s.name = wanted;
  IF NOT FOUND THEN
    SELECT p.organization_id AS id, p.name, {STAMP} AS stamp INTO portal
      FROM find_portal(wanted, host) p
      JOIN organization o ON o.id = p.organization_id
      JOIN portal_settings s ON s.organization_id = p.organization_id;
    IF NOT FOUND THEN RETURN; END IF;
  END IF;
  SELECT * INTO v FROM find_portal_session(token_hash, idle_minutes);
  IF NOT FOUND OR v.organization_id <> portal.id THEN
    RETURN QUERY SELECT portal.id, portal.name, portal.stamp, {OF_NOBODY}, NULL, NULL, NULL::boolean, NULL::text[];
    RETURN;
  END IF;
  RETURN QUERY
    SELECT portal.id, portal.name, portal.stamp, {OF_VISITOR}, c.name, c.currency::text,
           {HAS_OTHER_CUSTOMERS},
           {HOLDS}
      FROM (SELECT) one
      LEFT JOIN customer c ON c.id = v.customer_id AND c.organization_id = v.organization_id;
END $$;
"""  # nosec B608  # of our own words only
OLD = f"""{COLUMNS}
DECLARE portal record;
BEGIN
  SELECT p.organization_id AS id, p.name, {STAMP} AS stamp INTO portal
    FROM find_portal(wanted, host) p
    JOIN organization o ON o.id = p.organization_id
    JOIN portal_settings s ON s.organization_id = p.organization_id;
  IF NOT FOUND THEN RETURN; END IF;
  RETURN QUERY
    SELECT portal.id, portal.name, portal.stamp, {OF_VISITOR}, c.name, c.currency::text,
           {HAS_OTHER_CUSTOMERS},
           {HOLDS}
      FROM find_portal_session(token_hash, idle_minutes) v
      LEFT JOIN customer c ON c.id = v.customer_id AND c.organization_id = v.organization_id
     WHERE v.organization_id = portal.id;
  IF NOT FOUND THEN
    RETURN QUERY SELECT portal.id, portal.name, portal.stamp, {OF_NOBODY}, NULL, NULL, NULL::boolean, NULL::text[];
  END IF;
END $$;
"""  # nosec B608  # of our own words only


def upgrade() -> None:
    op.execute(NEW)
    op.execute("ALTER FUNCTION find_visit(text, text, text, int) ROWS 1")
    op.execute("ALTER FUNCTION find_portal_session(text, int) ROWS 1")
    op.execute("ALTER FUNCTION find_portal(text, text) ROWS 1")


def downgrade() -> None:
    op.execute("ALTER FUNCTION find_portal(text, text) ROWS 1000")
    op.execute("ALTER FUNCTION find_portal_session(text, int) ROWS 1000")
    op.execute(OLD)
    op.execute("ALTER FUNCTION find_visit(text, text, text, int) ROWS 1000")
