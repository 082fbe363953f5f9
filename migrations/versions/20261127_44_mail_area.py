"""Add the mail area: folders, messages, conversations, their words, what waits for the server, drafts."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261127_44_mail_area"
down_revision = "20261127_40_pspeed"
branch_labels = None
depends_on = None

TABLES = (
    "message_pack",
    "thread",
    "mail_folder",
    "mail_sync",
    "thread_ref",
    "folder_thread",
    "mail_dead_letter",
    "message",
    "attachment",
    "mail_draft",
    "mailbox_operation",
    "message_link",
    "message_party",
    "message_placement",
    "message_text",
    "mail_draft_file",
)
# `spanish_stem` on words as they are: it drops accents itself, and unaccent before it would break plurals in -ciones.
LANGUAGES = {"mail_es": "spanish", "mail_en": "english"}

# Only the owner of an index may sort its waiting entries in; whoever reads mailboxes is not its owner.
TIDY = """
CREATE FUNCTION tidy_mail_words() RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT gin_clean_pending_list('ix_message_text_words') $$
"""


def upgrade() -> None:
    for name, base in LANGUAGES.items():
        op.execute(f"CREATE TEXT SEARCH CONFIGURATION {name} (COPY = {base})")
    op.create_table(
        "message_pack",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_message_pack_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_pack")),
        sa.UniqueConstraint(
            "organization_id", "id", name=op.f("uq_message_pack_organization_id_id")
        ),
        sa.UniqueConstraint(
            "organization_id", "sha256", name=op.f("uq_message_pack_organization_id_sha256")
        ),
    )
    op.create_table(
        "thread",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("merged_into_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "merged_into_id"],
            ["thread.organization_id", "thread.id"],
            name=op.f("fk_thread_organization_id_merged_into_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_thread_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_thread")),
        sa.UniqueConstraint("organization_id", "id", name=op.f("uq_thread_organization_id_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_thread_public_id")),
    )
    op.create_index(
        "ix_thread_merged_into_id",
        "thread",
        ["organization_id", "merged_into_id"],
        unique=False,
        postgresql_where=sa.text("merged_into_id IS NOT NULL"),
    )
    op.create_table(
        "mail_folder",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "inbox",
                "drafts",
                "sent",
                "trash",
                "junk",
                "archive",
                "other",
                name="folderrole",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("delimiter", sa.Text(), nullable=True),
        sa.Column("is_selectable", sa.Boolean(), nullable=False),
        sa.Column("uidvalidity", sa.BigInteger(), nullable=True),
        sa.Column("uidnext", sa.BigInteger(), nullable=True),
        sa.Column("highestmodseq", sa.BigInteger(), nullable=True),
        sa.Column("server_messages", sa.BigInteger(), nullable=False),
        sa.Column("server_unseen", sa.BigInteger(), nullable=True),
        sa.Column("first_run_below", sa.BigInteger(), nullable=True),
        sa.Column("synced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "account_id"],
            ["mail_account.organization_id", "mail_account.id"],
            name=op.f("fk_mail_folder_organization_id_account_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_mail_folder_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_folder")),
        sa.UniqueConstraint(
            "organization_id",
            "account_id",
            "path",
            name=op.f("uq_mail_folder_organization_id_account_id_path"),
        ),
        sa.UniqueConstraint(
            "organization_id", "id", name=op.f("uq_mail_folder_organization_id_id")
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_mail_folder_public_id")),
    )
    op.create_index(
        "uq_mail_folder_role",
        "mail_folder",
        ["organization_id", "account_id", "role"],
        unique=True,
        postgresql_where=sa.text("role <> 'other'"),
    )
    op.create_table(
        "mail_sync",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("poll_token", sa.LargeBinary(), nullable=True),
        sa.Column("next_poll_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_good_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_bad_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failures_in_a_row", sa.BigInteger(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("problem_detail", sa.Text(), nullable=True),
        sa.Column("first_run_ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("wanted", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "account_id"],
            ["mail_account.organization_id", "mail_account.id"],
            name=op.f("fk_mail_sync_organization_id_account_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_mail_sync_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_sync")),
        sa.UniqueConstraint(
            "organization_id", "account_id", name=op.f("uq_mail_sync_organization_id_account_id")
        ),
    )
    op.create_index("ix_mail_sync_next_poll_at", "mail_sync", ["next_poll_at"], unique=False)
    op.create_table(
        "thread_ref",
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("ref_hash", sa.BigInteger(), nullable=False),
        sa.Column("thread_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "thread_id"],
            ["thread.organization_id", "thread.id"],
            name=op.f("fk_thread_ref_organization_id_thread_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_thread_ref_organization_id")
        ),
        sa.PrimaryKeyConstraint("organization_id", "ref_hash", name=op.f("pk_thread_ref")),
    )
    op.create_index(
        "ix_thread_ref_thread_id", "thread_ref", ["organization_id", "thread_id"], unique=False
    )
    op.create_table(
        "folder_thread",
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("folder_id", sa.BigInteger(), nullable=False),
        sa.Column("thread_id", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("messages", sa.BigInteger(), nullable=False),
        sa.Column("unread", sa.BigInteger(), nullable=False),
        sa.Column("starred", sa.BigInteger(), nullable=False),
        sa.Column("last_message_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "folder_id"],
            ["mail_folder.organization_id", "mail_folder.id"],
            name=op.f("fk_folder_thread_organization_id_folder_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "thread_id"],
            ["thread.organization_id", "thread.id"],
            name=op.f("fk_folder_thread_organization_id_thread_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_folder_thread_organization_id")
        ),
        sa.PrimaryKeyConstraint("folder_id", "thread_id", name=op.f("pk_folder_thread")),
    )
    op.create_index(
        "ix_folder_thread_list",
        "folder_thread",
        ["folder_id", sa.literal_column("last_at DESC"), sa.literal_column("thread_id DESC")],
        unique=False,
    )
    op.create_index(
        "ix_folder_thread_starred",
        "folder_thread",
        ["folder_id", sa.literal_column("last_at DESC"), sa.literal_column("thread_id DESC")],
        unique=False,
        postgresql_where="starred > 0",
    )
    op.create_index(
        "ix_folder_thread_thread_id",
        "folder_thread",
        ["organization_id", "thread_id"],
        unique=False,
    )
    op.create_index(
        "ix_folder_thread_unread",
        "folder_thread",
        ["folder_id", sa.literal_column("last_at DESC"), sa.literal_column("thread_id DESC")],
        unique=False,
        postgresql_where="unread > 0",
    )
    op.create_table(
        "mail_dead_letter",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("folder_id", sa.BigInteger(), nullable=False),
        sa.Column("uidvalidity", sa.BigInteger(), nullable=False),
        sa.Column("uid", sa.BigInteger(), nullable=False),
        sa.Column(
            "reason",
            sa.Enum(
                "kills_parser",
                "unreadable",
                "too_large",
                "not_given",
                name="deadletterreason",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("head", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=True),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("set_aside_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "folder_id"],
            ["mail_folder.organization_id", "mail_folder.id"],
            name=op.f("fk_mail_dead_letter_organization_id_folder_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_mail_dead_letter_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["settled_by_id"], ["user.id"], name=op.f("fk_mail_dead_letter_settled_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_dead_letter")),
        sa.UniqueConstraint(
            "folder_id",
            "uidvalidity",
            "uid",
            name=op.f("uq_mail_dead_letter_folder_id_uidvalidity_uid"),
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_mail_dead_letter_public_id")),
    )
    op.create_table(
        "message",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("thread_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id_header", sa.Text(), nullable=False),
        sa.Column("content_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("in_reply_to", sa.Text(), nullable=True),
        sa.Column("from_name", sa.Text(), nullable=False),
        sa.Column("from_address", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("snippet", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("has_attachments", sa.Boolean(), nullable=False),
        sa.Column("is_automatic", sa.Boolean(), nullable=False),
        sa.Column("is_bounce", sa.Boolean(), nullable=False),
        sa.Column("pack_id", sa.BigInteger(), nullable=True),
        sa.Column("pack_offset", sa.BigInteger(), nullable=False),
        sa.Column("pack_length", sa.BigInteger(), nullable=False),
        sa.Column("delivery_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "delivery_id"],
            ["delivery.organization_id", "delivery.id"],
            name=op.f("fk_message_organization_id_delivery_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "pack_id"],
            ["message_pack.organization_id", "message_pack.id"],
            name=op.f("fk_message_organization_id_pack_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "thread_id"],
            ["thread.organization_id", "thread.id"],
            name=op.f("fk_message_organization_id_thread_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_message_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("organization_id", "id", name=op.f("uq_message_organization_id_id")),
        sa.UniqueConstraint(
            "organization_id",
            "message_id_header",
            "content_sha256",
            name=op.f("uq_message_organization_id_message_id_header_content_sha256"),
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_message_public_id")),
    )
    op.create_index(
        "ix_message_delivery_id", "message", ["organization_id", "delivery_id"], unique=False
    )
    op.create_index(
        "ix_message_thread_id", "message", ["organization_id", "thread_id"], unique=False
    )
    op.create_table(
        "attachment",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("part", sa.BigInteger(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("content_id", sa.Text(), nullable=True),
        sa.Column("is_inline", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "message_id"],
            ["message.organization_id", "message.id"],
            name=op.f("fk_attachment_organization_id_message_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_attachment_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
        sa.UniqueConstraint(
            "organization_id",
            "message_id",
            "part",
            name=op.f("uq_attachment_organization_id_message_id_part"),
        ),
    )
    op.create_index(
        "ix_attachment_file_name",
        "attachment",
        ["file_name"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"file_name": "gin_trgm_ops"},
    )
    op.create_table(
        "mail_draft",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "new",
                "reply",
                "reply_all",
                "forward",
                name="draftkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "writing",
                "leaving",
                "sent",
                "discarded",
                name="draftstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("follows_id", sa.BigInteger(), nullable=True),
        sa.Column("customer_id", sa.BigInteger(), nullable=True),
        sa.Column("fields", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leaves_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivery_id", sa.BigInteger(), nullable=True),
        sa.Column("placement_id", sa.BigInteger(), nullable=True),
        sa.Column("synced_revision", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "account_id"],
            ["mail_account.organization_id", "mail_account.id"],
            name=op.f("fk_mail_draft_organization_id_account_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "customer_id"],
            ["customer.organization_id", "customer.id"],
            name=op.f("fk_mail_draft_organization_id_customer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "delivery_id"],
            ["delivery.organization_id", "delivery.id"],
            name=op.f("fk_mail_draft_organization_id_delivery_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "follows_id"],
            ["message.organization_id", "message.id"],
            name=op.f("fk_mail_draft_organization_id_follows_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_mail_draft_organization_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_mail_draft_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_draft")),
        sa.UniqueConstraint("organization_id", "id", name=op.f("uq_mail_draft_organization_id_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_mail_draft_public_id")),
    )
    op.create_index(
        "ix_mail_draft_leaving",
        "mail_draft",
        ["leaves_at"],
        unique=False,
        postgresql_where=sa.text("state = 'leaving'"),
    )
    op.create_index(
        "ix_mail_draft_user_id", "mail_draft", ["organization_id", "user_id", "state"], unique=False
    )
    op.create_table(
        "mailbox_operation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("placement_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "read",
                "unread",
                "star",
                "unstar",
                "answered",
                "move",
                "purge",
                "append",
                name="operationkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "pending",
                "started",
                "done",
                "gone",
                "failed",
                name="operationstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("folder_id", sa.BigInteger(), nullable=True),
        sa.Column("uid", sa.BigInteger(), nullable=True),
        sa.Column("uidvalidity", sa.BigInteger(), nullable=True),
        sa.Column("target_folder_id", sa.BigInteger(), nullable=True),
        sa.Column("base_uidnext", sa.BigInteger(), nullable=True),
        sa.Column("base_uidvalidity", sa.BigInteger(), nullable=True),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("batch", sa.Uuid(), nullable=True),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "account_id"],
            ["mail_account.organization_id", "mail_account.id"],
            name=op.f("fk_mailbox_operation_organization_id_account_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "folder_id"],
            ["mail_folder.organization_id", "mail_folder.id"],
            name=op.f("fk_mailbox_operation_organization_id_folder_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "message_id"],
            ["message.organization_id", "message.id"],
            name=op.f("fk_mailbox_operation_organization_id_message_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "target_folder_id"],
            ["mail_folder.organization_id", "mail_folder.id"],
            name=op.f("fk_mailbox_operation_organization_id_target_folder_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_mailbox_operation_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_mailbox_operation_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailbox_operation")),
        sa.UniqueConstraint(
            "organization_id", "id", name=op.f("uq_mailbox_operation_organization_id_id")
        ),
    )
    op.create_index(
        "ix_mailbox_operation_batch",
        "mailbox_operation",
        ["organization_id", "batch"],
        unique=False,
    )
    op.create_index(
        "ix_mailbox_operation_message_id",
        "mailbox_operation",
        ["organization_id", "message_id"],
        unique=False,
    )
    op.create_index(
        "ix_mailbox_operation_open",
        "mailbox_operation",
        ["account_id", "id"],
        unique=False,
        postgresql_where=sa.text("state IN ('pending', 'started')"),
    )
    op.create_table(
        "message_link",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=True),
        sa.Column("document_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "linked_by",
            sa.Enum(
                "hand",
                "answer",
                name="linkedby",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "num_nonnulls(customer_id, document_id) > 0",
            name=op.f("ck_message_link_is_to_something"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "customer_id"],
            ["customer.organization_id", "customer.id"],
            name=op.f("fk_message_link_organization_id_customer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "document_id"],
            ["document.organization_id", "document.id"],
            name=op.f("fk_message_link_organization_id_document_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "message_id"],
            ["message.organization_id", "message.id"],
            name=op.f("fk_message_link_organization_id_message_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_message_link_organization_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_message_link_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_link")),
    )
    op.create_index(
        "ix_message_link_customer_id",
        "message_link",
        ["organization_id", "customer_id"],
        unique=False,
    )
    op.create_index(
        "ix_message_link_document_id",
        "message_link",
        ["organization_id", "document_id"],
        unique=False,
    )
    op.create_index(
        "uq_message_link",
        "message_link",
        ["organization_id", "message_id", "customer_id", "document_id"],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    op.create_table(
        "message_party",
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column(
            "field",
            sa.Enum(
                "from",
                "reply_to",
                "to",
                "cc",
                "bcc",
                name="partyfield",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("address_norm", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "message_id"],
            ["message.organization_id", "message.id"],
            name=op.f("fk_message_party_organization_id_message_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_message_party_organization_id")
        ),
        sa.PrimaryKeyConstraint("message_id", "position", name=op.f("pk_message_party")),
    )
    op.create_index(
        "ix_message_party_address",
        "message_party",
        ["organization_id", "address_norm", "message_id"],
        unique=False,
    )
    op.create_table(
        "message_placement",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("folder_id", sa.BigInteger(), nullable=False),
        sa.Column("uid", sa.BigInteger(), nullable=True),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("thread_id", sa.BigInteger(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_read", sa.Boolean(), nullable=False),
        sa.Column("is_starred", sa.Boolean(), nullable=False),
        sa.Column("is_answered", sa.Boolean(), nullable=False),
        sa.Column("keywords", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("previous_folder_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "folder_id"],
            ["mail_folder.organization_id", "mail_folder.id"],
            name=op.f("fk_message_placement_organization_id_folder_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "message_id"],
            ["message.organization_id", "message.id"],
            name=op.f("fk_message_placement_organization_id_message_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "previous_folder_id"],
            ["mail_folder.organization_id", "mail_folder.id"],
            name=op.f("fk_message_placement_organization_id_previous_folder_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_message_placement_organization_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_placement")),
        sa.UniqueConstraint("folder_id", "uid", name=op.f("uq_message_placement_folder_id_uid")),
        sa.UniqueConstraint(
            "organization_id", "id", name=op.f("uq_message_placement_organization_id_id")
        ),
        postgresql_with={"fillfactor": "80"},
    )
    op.create_index(
        "ix_message_placement_message_id",
        "message_placement",
        ["organization_id", "message_id"],
        unique=False,
    )
    op.create_index(
        "ix_message_placement_thread_id",
        "message_placement",
        ["folder_id", "thread_id"],
        unique=False,
    )
    op.create_table(
        "message_text",
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("lang", postgresql.REGCONFIG(), nullable=False),
        sa.Column(
            "words",
            postgresql.TSVECTOR(),
            sa.Computed("to_tsvector(lang, body)", persisted=True),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "message_id"],
            ["message.organization_id", "message.id"],
            name=op.f("fk_message_text_organization_id_message_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_message_text_organization_id")
        ),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_message_text")),
    )
    op.create_index(
        "ix_message_text_words",
        "message_text",
        ["words"],
        unique=False,
        postgresql_using="gin",
        postgresql_with={"fastupdate": "on", "gin_pending_list_limit": "8192"},
    )
    op.create_table(
        "mail_draft_file",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("draft_id", sa.BigInteger(), nullable=False),
        sa.Column("file_id", sa.BigInteger(), nullable=True),
        sa.Column("document_id", sa.BigInteger(), nullable=True),
        sa.Column("content_id", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "document_id"],
            ["document.organization_id", "document.id"],
            name=op.f("fk_mail_draft_file_organization_id_document_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "draft_id"],
            ["mail_draft.organization_id", "mail_draft.id"],
            name=op.f("fk_mail_draft_file_organization_id_draft_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "file_id"],
            ["file.organization_id", "file.id"],
            name=op.f("fk_mail_draft_file_organization_id_file_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_mail_draft_file_organization_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_draft_file")),
        sa.UniqueConstraint(
            "organization_id",
            "draft_id",
            "id",
            name=op.f("uq_mail_draft_file_organization_id_draft_id_id"),
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_mail_draft_file_public_id")),
    )
    for table in TABLES:
        op.execute(f"SELECT protect_table('{table}')")
    op.execute(TIDY)
    op.execute("REVOKE EXECUTE ON FUNCTION tidy_mail_words() FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION tidy_mail_words() TO ventanilla_staff")


def downgrade() -> None:
    op.execute("DROP FUNCTION tidy_mail_words()")

    op.drop_table("mail_draft_file")
    op.drop_index(
        "ix_message_text_words",
        table_name="message_text",
        postgresql_using="gin",
        postgresql_with={"fastupdate": "on", "gin_pending_list_limit": "8192"},
    )
    op.drop_table("message_text")
    op.drop_index("ix_message_placement_thread_id", table_name="message_placement")
    op.drop_index("ix_message_placement_message_id", table_name="message_placement")
    op.drop_table("message_placement")
    op.drop_index("ix_message_party_address", table_name="message_party")
    op.drop_table("message_party")
    op.drop_index("uq_message_link", table_name="message_link", postgresql_nulls_not_distinct=True)
    op.drop_index("ix_message_link_document_id", table_name="message_link")
    op.drop_index("ix_message_link_customer_id", table_name="message_link")
    op.drop_table("message_link")
    op.drop_index(
        "ix_mailbox_operation_open",
        table_name="mailbox_operation",
        postgresql_where=sa.text("state IN ('pending', 'started')"),
    )
    op.drop_index("ix_mailbox_operation_message_id", table_name="mailbox_operation")
    op.drop_index("ix_mailbox_operation_batch", table_name="mailbox_operation")
    op.drop_table("mailbox_operation")
    op.drop_index("ix_mail_draft_user_id", table_name="mail_draft")
    op.drop_index(
        "ix_mail_draft_leaving",
        table_name="mail_draft",
        postgresql_where=sa.text("state = 'leaving'"),
    )
    op.drop_table("mail_draft")
    op.drop_index(
        "ix_attachment_file_name",
        table_name="attachment",
        postgresql_using="gin",
        postgresql_ops={"file_name": "gin_trgm_ops"},
    )
    op.drop_table("attachment")
    op.drop_index("ix_message_thread_id", table_name="message")
    op.drop_index("ix_message_delivery_id", table_name="message")
    op.drop_table("message")
    op.drop_table("mail_dead_letter")
    op.drop_index(
        "ix_folder_thread_unread", table_name="folder_thread", postgresql_where="unread > 0"
    )
    op.drop_index("ix_folder_thread_thread_id", table_name="folder_thread")
    op.drop_index(
        "ix_folder_thread_starred", table_name="folder_thread", postgresql_where="starred > 0"
    )
    op.drop_index("ix_folder_thread_list", table_name="folder_thread")
    op.drop_table("folder_thread")
    op.drop_index("ix_thread_ref_thread_id", table_name="thread_ref")
    op.drop_table("thread_ref")
    op.drop_index("ix_mail_sync_next_poll_at", table_name="mail_sync")
    op.drop_table("mail_sync")
    op.drop_index(
        "uq_mail_folder_role", table_name="mail_folder", postgresql_where=sa.text("role <> 'other'")
    )
    op.drop_table("mail_folder")
    op.drop_index(
        "ix_thread_merged_into_id",
        table_name="thread",
        postgresql_where=sa.text("merged_into_id IS NOT NULL"),
    )
    op.drop_table("thread")
    op.drop_table("message_pack")
    for name in LANGUAGES:
        op.execute(f"DROP TEXT SEARCH CONFIGURATION {name}")
