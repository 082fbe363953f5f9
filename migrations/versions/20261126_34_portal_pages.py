"""Add what the pages of the portal need: lists of one kind by day, a way to keep a PDF, a count of one's customers."""

from alembic import op

revision = "20261126_34_portal_pages"
down_revision = "20261126_33_access"
branch_labels = None
depends_on = None

# A list of one kind in the order of days, however many documents the customer has.
BY_KIND = "ix_document_listed"

# Whoever is signed in may change the customer at whom they stand; the memberships themselves are the staff's.
COUNT_CUSTOMERS = """
CREATE FUNCTION count_portal_customers(user_key bigint) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
  SELECT count(*) FROM portal_membership m
    JOIN customer c ON c.id = m.customer_id AND c.organization_id = m.organization_id
    LEFT JOIN customer_group g ON g.id = c.customer_group_id
   WHERE m.portal_user_id = user_key AND m.organization_id = app_organization() AND m.state = 'validated'
     AND coalesce(g.uses_portal, true)
$$;
REVOKE ALL ON FUNCTION count_portal_customers(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION count_portal_customers(bigint) TO ventanilla_portal, ventanilla_staff;
"""
# A PDF that a customer asks for first is kept like one that was sent: drawn once for what it says.
KEEP_PDF = """
CREATE FUNCTION keep_portal_pdf(document_key bigint, print text, content_sha256 text, bytes bigint, file_name text)
RETURNS void LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE file_key bigint;
BEGIN
  IF NOT EXISTS (SELECT 1 FROM document WHERE id = document_key AND organization_id = app_organization()
                    AND customer_id = app_customer() AND state <> 'draft') THEN
    RETURN;
  END IF;
  INSERT INTO file (organization_id, sha256, size_bytes, media_type, name, created_at, updated_at)
  VALUES (app_organization(), content_sha256, bytes, 'application/pdf', file_name, now(), now())
  ON CONFLICT DO NOTHING;
  SELECT id INTO file_key FROM file WHERE organization_id = app_organization() AND sha256 = content_sha256;
  INSERT INTO document_file (organization_id, document_id, file_id, kind, rendered_from, created_at, updated_at)
  VALUES (app_organization(), document_key, file_key, 'pdf', print, now(), now())
  ON CONFLICT DO NOTHING;
END $$;
REVOKE ALL ON FUNCTION keep_portal_pdf(bigint, text, text, bigint, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION keep_portal_pdf(bigint, text, text, bigint, text) TO ventanilla_portal;
"""


def upgrade() -> None:
    op.create_index(
        BY_KIND, "document", ["organization_id", "customer_id", "kind", "issue_date", "id"]
    )
    op.execute(COUNT_CUSTOMERS)
    op.execute(KEEP_PDF)


def downgrade() -> None:
    op.execute("DROP FUNCTION keep_portal_pdf(bigint, text, text, bigint, text)")
    op.execute("DROP FUNCTION count_portal_customers(bigint)")
    op.drop_index(BY_KIND, "document")
