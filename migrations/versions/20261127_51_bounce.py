"""Add what comes back of messages: reports of other servers, and comments that contacts write by answering an e-mail."""

import sqlalchemy as sa
from alembic import op

revision = "20261127_51_bounce"
down_revision = "20261127_49_eyes5"
branch_labels = None
depends_on = None

# What was read before anybody looked: bounces, and answers to what we have sent.
LOOK_AT = "UPDATE message SET is_to_examine = true WHERE is_bounce OR in_reply_to ~ '^<d[.][0-9a-f-]{36}@'"


def upgrade() -> None:
    _add_reports()
    op.add_column(
        "message",
        sa.Column("is_to_examine", sa.Boolean(), nullable=False, server_default=sa.text("false")),
    )
    _without_force("message", LOOK_AT)
    op.create_index(
        "ix_message_to_examine",
        "message",
        ["organization_id", "id"],
        postgresql_where=sa.text("is_to_examine"),
    )
    _let_contacts_comment()
    op.drop_constraint(op.f("ck_portal_event_eventactor"), "portal_event", type_="check")
    op.create_check_constraint(
        op.f("ck_portal_event_eventactor"),
        "portal_event",
        "actor IN ('portal_user', 'link', 'mail')",
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_portal_event_eventactor"), "portal_event", type_="check")
    _without_force("portal_event", "UPDATE portal_event SET actor = 'link' WHERE actor = 'mail'")
    op.create_check_constraint(
        op.f("ck_portal_event_eventactor"), "portal_event", "actor IN ('portal_user', 'link')"
    )
    _forbid_contacts_to_comment()
    op.drop_index("ix_message_to_examine", table_name="message")
    op.drop_column("message", "is_to_examine")
    op.drop_table("delivery_report")


def _add_reports() -> None:
    op.create_table(
        "delivery_report",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("delivery_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("address_norm", sa.Text(), nullable=False),
        sa.Column(
            "grade",
            sa.Enum(
                *("hard", "soft", "delayed"),
                name="reportgrade",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("is_certain", sa.Boolean(), nullable=False),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("smtp_code", sa.SmallInteger(), nullable=True),
        sa.Column("diagnostic", sa.Text(), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "delivery_id"],
            ["delivery.organization_id", "delivery.id"],
            name=op.f("fk_delivery_report_organization_id_delivery_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "message_id"],
            ["message.organization_id", "message.id"],
            name=op.f("fk_delivery_report_organization_id_message_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_delivery_report_organization_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_report")),
        sa.UniqueConstraint(
            "organization_id",
            "message_id",
            "delivery_id",
            "address_norm",
            name=op.f("uq_delivery_report_organization_id_message_id_delivery_id_address_norm"),
        ),
    )
    op.create_index(
        "ix_delivery_report_delivery_id", "delivery_report", ["organization_id", "delivery_id"]
    )
    op.execute("SELECT protect_table('delivery_report')")


def _let_contacts_comment() -> None:
    for column, table in (("contact_id", "contact"), ("message_id", "message")):
        op.add_column("comment", sa.Column(column, sa.BigInteger(), nullable=True))
        op.create_foreign_key(
            op.f(f"fk_comment_organization_id_{column}"),
            *("comment", table, ["organization_id", column], ["organization_id", "id"]),
        )
    op.create_index(
        "uq_comment_by_message",
        "comment",
        ["organization_id", "message_id", "document_id"],
        unique=True,
        postgresql_where=sa.text("message_id IS NOT NULL"),
    )
    _rules(
        has_one_author="num_nonnulls(user_id, portal_user_id, contact_id) = 1",
        customers_write_openly="user_id IS NOT NULL OR visibility = 'customer'",
    )
    op.create_check_constraint(
        op.f("ck_comment_mails_are_of_contacts"),
        "comment",
        "is_by_mail = (contact_id IS NOT NULL) AND is_by_mail = (message_id IS NOT NULL)",
    )


def _forbid_contacts_to_comment() -> None:
    op.drop_constraint(op.f("ck_comment_mails_are_of_contacts"), "comment", type_="check")
    _without_force(
        "comment_file",
        "DELETE FROM comment_file f USING comment c WHERE c.id = f.comment_id AND c.is_by_mail",
    )
    _without_force("comment", "DELETE FROM comment WHERE is_by_mail")
    _rules(
        has_one_author="(user_id IS NULL) <> (portal_user_id IS NULL)",
        customers_write_openly="portal_user_id IS NULL OR visibility = 'customer'",
    )
    op.drop_index("uq_comment_by_message", table_name="comment")
    for column in ("contact_id", "message_id"):
        op.drop_constraint(
            op.f(f"fk_comment_organization_id_{column}"), "comment", type_="foreignkey"
        )
        op.drop_column("comment", column)


def _rules(**conditions: str) -> None:
    for name, condition in conditions.items():
        op.drop_constraint(op.f(f"ck_comment_{name}"), "comment", type_="check")
        op.create_check_constraint(op.f(f"ck_comment_{name}"), "comment", condition)


def _without_force(table: str, statement: str) -> None:
    op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute(statement)
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
