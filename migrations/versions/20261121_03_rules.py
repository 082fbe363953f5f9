"""Add what the database itself refuses: foreign writes, changed documents, wrong recipients, too much paid."""

from alembic import op

revision = "20261121_03"
down_revision = "20261121_02"
branch_labels = None
depends_on = None

OF_ORGANIZATIONS = [
    "branch",
    "department",
    "user_membership",
    "customer_group",
    "contact",
    "contact_email",
    "customer_contact",
    "mail_account",
    "message_template",
    "number_series",
    "event_outbox",
    "file",
    "import_run",
    "mailing",
    "mailing_audience",
    "mailing_range",
    "mailing_exclusion",
    "suppression",
    "delivery_body",
    "delivery_attempt",
    "document_file",
]

# What a customer may see in the portal, on top of the organization.
SEEN_IN_PORTAL = {
    "customer": "id = (SELECT app_customer())",
    "address": "customer_id = (SELECT app_customer())",
    "document": "customer_id = (SELECT app_customer()) AND state <> 'draft'",
    "document_line": "EXISTS (SELECT 1 FROM document d WHERE d.id = document_id)",
    "payment": "customer_id = (SELECT app_customer())",
    "payment_allocation": "EXISTS (SELECT 1 FROM payment p WHERE p.id = payment_id)",
    "delivery": "customer_id = (SELECT app_customer()) AND kind <> 'test'",
    "delivery_state": "EXISTS (SELECT 1 FROM delivery d WHERE d.id = delivery_id)",
    "delivery_document": "EXISTS (SELECT 1 FROM delivery d WHERE d.id = delivery_id)",
}
SHARED = ["organization", "user", "role", "permission", "user_session", "setup_link"]

SENDER_READS = [
    "delivery",
    "delivery_body",
    "delivery_state",
    "delivery_attempt",
    "delivery_document",
    "suppression",
    "mailing",
    "mail_account",
]

# A row that we see although its transaction goes on is our own, made in this transaction or a savepoint of it:
# so a posted document can be imported together with its lines, and gets none later.
POSTED_STAYS = """
CREATE FUNCTION is_of_this_transaction(row_xmin xid) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT pg_xact_status(((pg_current_xact_id()::text::bigint & ~4294967295::bigint) | row_xmin::text::bigint)::text::xid8)
    = 'in progress'
$$;
CREATE FUNCTION posted_document_stays() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  -- Generated columns are still empty here, and follow the others.
  may_move text[] := ARRAY['state', 'balance_due', 'first_sent_at', 'void_at', 'version', 'updated_at', 'updated_by_id',
                           'label', 'search_text'];
BEGIN
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'document_is_posted' USING ERRCODE = 'restrict_violation';
  END IF;
  IF NEW.state = 'draft' OR (to_jsonb(NEW) - may_move) IS DISTINCT FROM (to_jsonb(OLD) - may_move) THEN
    RAISE EXCEPTION 'document_is_posted' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER posted_document_stays BEFORE UPDATE OR DELETE ON document
  FOR EACH ROW WHEN (OLD.state <> 'draft') EXECUTE FUNCTION posted_document_stays();
CREATE FUNCTION posted_lines_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM document WHERE id = coalesce(NEW.document_id, OLD.document_id) AND state <> 'draft'
             AND NOT (TG_OP = 'INSERT' AND is_of_this_transaction(xmin))) THEN
    RAISE EXCEPTION 'document_is_posted' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN coalesce(NEW, OLD);
END $$;
CREATE TRIGGER posted_lines_stay BEFORE INSERT OR UPDATE OR DELETE ON document_line
  FOR EACH ROW EXECUTE FUNCTION posted_lines_stay();
"""

ALLOCATIONS = """
CREATE FUNCTION settle_document(document_key bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE doc record; paid numeric(18,4);
BEGIN
  SELECT id, total, state INTO doc FROM document WHERE id = document_key FOR UPDATE;
  SELECT coalesce(sum(amount), 0) INTO paid FROM payment_allocation WHERE document_id = document_key;
  IF paid > 0 AND doc.state NOT IN ('posted', 'partially_paid', 'paid') THEN
    RAISE EXCEPTION 'document_takes_no_payment' USING ERRCODE = 'check_violation';
  END IF;
  IF paid > abs(doc.total) THEN
    RAISE EXCEPTION 'more_than_is_due' USING ERRCODE = 'check_violation';
  END IF;
  UPDATE document SET balance_due = doc.total - sign(doc.total) * paid,
    state = CASE WHEN paid = 0 THEN 'posted' WHEN paid = abs(doc.total) THEN 'paid' ELSE 'partially_paid' END,
    updated_at = now()
  WHERE id = document_key AND state IN ('posted', 'partially_paid', 'paid');
END $$;
CREATE FUNCTION allocation_moves_balance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'DELETE' THEN
    IF NOT EXISTS (SELECT 1 FROM payment p JOIN document d ON d.id = NEW.document_id
                   WHERE p.id = NEW.payment_id AND d.customer_id = p.customer_id AND d.currency = p.currency
                     AND d.kind IN ('invoice', 'credit_note')) THEN
      RAISE EXCEPTION 'not_this_customers_document' USING ERRCODE = 'check_violation';
    END IF;
    IF (SELECT p.amount < (SELECT sum(amount) FROM payment_allocation a WHERE a.payment_id = p.id)
        FROM payment p WHERE p.id = NEW.payment_id) THEN
      RAISE EXCEPTION 'more_than_was_paid' USING ERRCODE = 'check_violation';
    END IF;
    PERFORM settle_document(NEW.document_id);
  END IF;
  IF TG_OP = 'DELETE' OR (TG_OP = 'UPDATE' AND OLD.document_id <> NEW.document_id) THEN
    PERFORM settle_document(OLD.document_id);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER allocation_moves_balance AFTER INSERT OR UPDATE OR DELETE ON payment_allocation
  FOR EACH ROW EXECUTE FUNCTION allocation_moves_balance();
"""

OWN_DOCUMENTS_ONLY = """
CREATE FUNCTION delivery_has_own_documents() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM delivery v JOIN document d
                   ON d.organization_id = v.organization_id AND d.customer_id = v.customer_id
                 WHERE v.id = NEW.delivery_id AND d.id = NEW.document_id
                   AND v.organization_id = NEW.organization_id) THEN
    RAISE EXCEPTION 'not_this_customers_document' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER delivery_has_own_documents AFTER INSERT OR UPDATE ON delivery_document
  FOR EACH ROW EXECUTE FUNCTION delivery_has_own_documents();
"""

# At the end of the transaction, so that the primary contact can be handed over inside it.
ONE_PRIMARY = """
CREATE FUNCTION customer_has_one_primary() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE customer_key bigint := coalesce(NEW.customer_id, OLD.customer_id);
BEGIN
  IF (SELECT count(*) > 0 AND NOT bool_or(is_primary) FROM customer_contact WHERE customer_id = customer_key) THEN
    RAISE EXCEPTION 'customer_needs_primary_contact' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER customer_has_one_primary AFTER INSERT OR UPDATE OR DELETE ON customer_contact
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION customer_has_one_primary();
"""

# Frozen is frozen: a registered message and its parts are never changed, only made and thrown away whole.
FROZEN = """
CREATE FUNCTION frozen_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'row_is_frozen' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER frozen_row BEFORE UPDATE ON delivery FOR EACH ROW EXECUTE FUNCTION frozen_row();
CREATE TRIGGER frozen_row BEFORE UPDATE ON delivery_body FOR EACH ROW EXECUTE FUNCTION frozen_row();
CREATE TRIGGER frozen_row BEFORE UPDATE ON delivery_document FOR EACH ROW EXECUTE FUNCTION frozen_row();
"""


def upgrade() -> None:
    for table in OF_ORGANIZATIONS:
        op.execute(f"SELECT protect_table('{table}')")
    for table, condition in SEEN_IN_PORTAL.items():
        op.execute(f"SELECT protect_table('{table}', $${condition}$$)")
    for table in SHARED:
        op.execute(f'GRANT SELECT, INSERT, UPDATE, DELETE ON "{table}" TO ventanilla_staff')
    for table in ("audit_event", "audit_seal"):  # append only
        op.execute(f"GRANT SELECT, INSERT ON {table} TO ventanilla_staff")
    op.execute("GRANT SELECT ON alembic_version TO ventanilla_staff")
    op.execute("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO ventanilla_staff")
    for table in SENDER_READS:
        op.execute(f"GRANT SELECT ON {table} TO ventanilla_sender")
        op.execute(
            f"CREATE POLICY sender_reads ON {table} FOR SELECT TO ventanilla_sender USING (true)"
        )
    # Whose document it is, and nothing else about it.
    op.execute("GRANT SELECT (id, organization_id, customer_id) ON document TO ventanilla_sender")
    op.execute(
        "CREATE POLICY sender_reads ON document FOR SELECT TO ventanilla_sender USING (true)"
    )
    op.execute("GRANT UPDATE ON delivery_state TO ventanilla_sender")
    op.execute(
        "CREATE POLICY sender_settles ON delivery_state FOR UPDATE TO ventanilla_sender USING (true) WITH CHECK (true)"
    )
    op.execute("GRANT INSERT, UPDATE ON delivery_attempt TO ventanilla_sender")
    op.execute(
        "CREATE POLICY sender_notes ON delivery_attempt FOR INSERT TO ventanilla_sender WITH CHECK (true)"
    )
    op.execute(
        "CREATE POLICY sender_corrects ON delivery_attempt FOR UPDATE TO ventanilla_sender USING (true) WITH CHECK (true)"
    )
    op.execute("ALTER TABLE delivery_body ALTER COLUMN head SET STORAGE EXTERNAL")
    for rules in (POSTED_STAYS, ALLOCATIONS, OWN_DOCUMENTS_ONLY, ONE_PRIMARY, FROZEN):
        op.execute(rules)


def downgrade() -> None:
    op.execute("REVOKE ALL ON alembic_version FROM ventanilla_staff")
    for table in (*SENDER_READS, "document"):
        op.execute(f"DROP POLICY sender_reads ON {table}")
        op.execute(f"REVOKE ALL ON {table} FROM ventanilla_sender")
    op.execute("DROP POLICY sender_settles ON delivery_state")
    op.execute("DROP POLICY sender_notes ON delivery_attempt")
    op.execute("DROP POLICY sender_corrects ON delivery_attempt")
    for table in (*OF_ORGANIZATIONS, *SEEN_IN_PORTAL):
        if table in SEEN_IN_PORTAL:
            op.execute(f"DROP POLICY portal_reads ON {table}")
            op.execute(f"REVOKE ALL ON {table} FROM ventanilla_portal")
        for policy in [
            "owner_all",
            "staff_reads",
            "staff_inserts",
            "staff_updates",
            "staff_deletes",
        ]:
            op.execute(f"DROP POLICY {policy} ON {table}")
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
        op.execute(f"REVOKE ALL ON {table} FROM ventanilla_staff")
    for table in (*SHARED, "audit_event", "audit_seal"):
        op.execute(f'REVOKE ALL ON "{table}" FROM ventanilla_staff')
    for trigger, table in (
        ("posted_document_stays", "document"),
        ("posted_lines_stay", "document_line"),
        ("allocation_moves_balance", "payment_allocation"),
        ("delivery_has_own_documents", "delivery_document"),
        ("customer_has_one_primary", "customer_contact"),
        ("frozen_row", "delivery"),
        ("frozen_row", "delivery_body"),
        ("frozen_row", "delivery_document"),
    ):
        op.execute(f"DROP TRIGGER {trigger} ON {table}")
    for function in (
        "posted_document_stays()",
        "posted_lines_stay()",
        "is_of_this_transaction(xid)",
        "allocation_moves_balance()",
        "settle_document(bigint)",
        "delivery_has_own_documents()",
        "customer_has_one_primary()",
        "frozen_row()",
    ):
        op.execute(f"DROP FUNCTION {function}")
