"""Let readers of mailboxes tell the planner how large the tables of messages are."""

from alembic import op

revision = "20261127_57_sync"
down_revision = "20261127_56_snooze"
branch_labels = None
depends_on = None

# Only the owner of a table may measure it. Tables always in the same order: whoever else measures is waited for.
MEASURE = """
CREATE FUNCTION measure_mail(fewer_than bigint) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
  IF (SELECT reltuples FROM pg_class WHERE oid = 'public.message'::regclass) >= fewer_than THEN
    RETURN false;
  END IF;
  ANALYZE thread, thread_ref, message_pack, message, message_party, attachment, message_placement, folder_thread,
          message_text;
  RETURN true;
END
$$
"""


def upgrade() -> None:
    op.execute(MEASURE)
    op.execute("REVOKE EXECUTE ON FUNCTION measure_mail(bigint) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION measure_mail(bigint) TO ventanilla_staff")


def downgrade() -> None:
    op.execute("DROP FUNCTION measure_mail(bigint)")
