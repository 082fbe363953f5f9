"""Tell with each visit of the portal what there is for the customer, so that its menu has nothing empty."""

from alembic import op

revision = "20261127_70_holds"
down_revision = "20261127_66_answers"
branch_labels = None
depends_on = None

# Each is one look into an index, and none for who stands at no customer. Not one question for all of them: the
# planner could then read all documents of a customer who has many.
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
FIND_VISIT = """
CREATE FUNCTION find_visit(wanted text, host text, token_hash text, idle_minutes int)
RETURNS TABLE (portal_organization_id bigint, portal_name text, stamp text, session_id bigint, organization_id bigint,
               portal_user_id bigint, portal_membership_id bigint, staff_user_id bigint, customer_id bigint,
               contact_id bigint, name text, login text, lang text, roles text[], is_primary boolean,
               confirmed_at timestamptz, customer_name text, customer_currency text, has_other_customers boolean{column})
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE portal record;
BEGIN
  SELECT p.organization_id AS id, p.name, o.xmin || '.' || o.ctid || '.' || s.xmin || '.' || s.ctid AS stamp INTO portal
    FROM find_portal(wanted, host) p
    JOIN organization o ON o.id = p.organization_id
    JOIN portal_settings s ON s.organization_id = p.organization_id;
  IF NOT FOUND THEN RETURN; END IF;
  RETURN QUERY
    SELECT portal.id, portal.name, portal.stamp, v.session_id, v.organization_id, v.portal_user_id,
           v.portal_membership_id, v.staff_user_id, v.customer_id, v.contact_id, v.name, v.login, v.lang, v.roles,
           v.is_primary, v.confirmed_at, c.name, c.currency::text,
           EXISTS (SELECT 1 FROM portal_membership m
                     JOIN customer other ON other.id = m.customer_id AND other.organization_id = m.organization_id
                     JOIN customer_contact k ON k.customer_id = m.customer_id AND k.contact_id = m.contact_id
                     JOIN contact p ON p.id = k.contact_id AND p.organization_id = k.organization_id AND p.is_active
                     LEFT JOIN customer_group g ON g.id = other.customer_group_id
                    WHERE m.portal_user_id = v.portal_user_id AND m.organization_id = portal.id
                      AND m.state = 'validated' AND coalesce(g.uses_portal, true)
                      AND m.customer_id <> v.customer_id){value}
      FROM find_portal_session(token_hash, idle_minutes) v
      LEFT JOIN customer c ON c.id = v.customer_id AND c.organization_id = v.organization_id
     WHERE v.organization_id = portal.id;
  IF NOT FOUND THEN
    RETURN QUERY SELECT portal.id, portal.name, portal.stamp, NULL::bigint, NULL::bigint, NULL::bigint, NULL::bigint,
                        NULL::bigint, NULL::bigint, NULL::bigint, NULL, NULL, NULL, NULL::text[], NULL::boolean,
                        NULL::timestamptz, NULL, NULL, NULL::boolean{nothing};
  END IF;
END $$;
REVOKE ALL ON FUNCTION find_visit(text, text, text, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION find_visit(text, text, text, int) TO ventanilla_portal;
"""
DROP = "DROP FUNCTION find_visit(text, text, text, int)"


def upgrade() -> None:
    op.execute(DROP)
    op.execute(
        FIND_VISIT.format(column=", holds text[]", value=f", {HOLDS}", nothing=", NULL::text[]")
    )


def downgrade() -> None:
    op.execute(DROP)
    op.execute(FIND_VISIT.format(column="", value="", nothing=""))
