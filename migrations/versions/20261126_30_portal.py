"""Add what the portal of customers needs: settings, texts, users, keys, requests, events."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261126_30_portal"
down_revision = "20261126_24_pages"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "former_portal_name",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_former_portal_name_organization_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_former_portal_name")),
        sa.UniqueConstraint("name", name=op.f("uq_former_portal_name_name")),
    )
    op.create_table(
        "portal_settings",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("custom_domain", sa.Text(), nullable=True),
        sa.Column("domain_challenge", sa.Text(), nullable=True),
        sa.Column("domain_verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("notify_of_activity", sa.Boolean(), nullable=False),
        sa.Column(
            "notify_mode",
            sa.Enum(
                "at_once",
                "daily",
                name="notifymode",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("notify_emails", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("muted", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("notify_customer_of_comments", sa.Boolean(), nullable=False),
        sa.Column("allow_profile_edit", sa.Boolean(), nullable=False),
        sa.Column("allow_address_edit", sa.Boolean(), nullable=False),
        sa.Column("allow_card_edit", sa.Boolean(), nullable=False),
        sa.Column("allow_forward", sa.Boolean(), nullable=False),
        sa.Column("allow_reviews", sa.Boolean(), nullable=False),
        sa.Column("show_sales_orders", sa.Boolean(), nullable=False),
        sa.Column("show_projects", sa.Boolean(), nullable=False),
        sa.Column("banner", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("banner_from", sa.Date(), nullable=True),
        sa.Column("banner_to", sa.Date(), nullable=True),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "name ~ '^[a-z0-9](-?[a-z0-9]){1,48}$'",
            name=op.f("ck_portal_settings_name_fits_into_a_url"),
        ),
        sa.CheckConstraint(
            "banner_to >= banner_from", name=op.f("ck_portal_settings_banner_ends_after_it_begins")
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["user.id"], name=op.f("fk_portal_settings_created_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_portal_settings_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["updated_by_id"], ["user.id"], name=op.f("fk_portal_settings_updated_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_settings")),
        sa.UniqueConstraint("name", name=op.f("uq_portal_settings_name")),
        sa.UniqueConstraint("organization_id", name=op.f("uq_portal_settings_organization_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_portal_settings_public_id")),
    )
    op.create_index(
        "uq_portal_settings_custom_domain",
        "portal_settings",
        [sa.literal_column("lower(custom_domain)")],
        unique=True,
    )
    op.create_table(
        "portal_user",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("login_norm", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("email_norm", sa.Text(), nullable=False),
        sa.Column("email_verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("lang", sa.Text(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("totp_sealed", sa.Text(), nullable=True),
        sa.Column("totp_confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("totp_last_step", sa.BigInteger(), nullable=True),
        sa.Column("failed_sign_ins", sa.BigInteger(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_signed_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("terms_revision", sa.BigInteger(), nullable=True),
        sa.Column("terms_accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_portal_user_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_user")),
        sa.UniqueConstraint(
            "organization_id", "id", name=op.f("uq_portal_user_organization_id_id")
        ),
        sa.UniqueConstraint(
            "organization_id", "login_norm", name=op.f("uq_portal_user_organization_id_login_norm")
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_portal_user_public_id")),
    )
    op.create_index(
        "ix_portal_user_email_norm", "portal_user", ["organization_id", "email_norm"], unique=False
    )
    op.create_table(
        "group_portal",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("customer_group_id", sa.BigInteger(), nullable=True),
        sa.Column("access_requests_to", sa.Text(), nullable=True),
        sa.Column("sender_account_id", sa.BigInteger(), nullable=True),
        sa.Column("invites_at_once", sa.Boolean(), nullable=True),
        sa.Column("tells_new_primary", sa.Boolean(), nullable=True),
        sa.Column("tells_previous_primary", sa.Boolean(), nullable=True),
        sa.Column("reminder_days", postgresql.ARRAY(sa.BigInteger()), nullable=True),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["user.id"], name=op.f("fk_group_portal_created_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "customer_group_id"],
            ["customer_group.organization_id", "customer_group.id"],
            name=op.f("fk_group_portal_organization_id_customer_group_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "sender_account_id"],
            ["mail_account.organization_id", "mail_account.id"],
            name=op.f("fk_group_portal_organization_id_sender_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_group_portal_organization_id")
        ),
        sa.ForeignKeyConstraint(
            ["updated_by_id"], ["user.id"], name=op.f("fk_group_portal_updated_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group_portal")),
        sa.UniqueConstraint(
            "organization_id",
            "customer_group_id",
            name=op.f("uq_group_portal_organization_id_customer_group_id"),
            postgresql_nulls_not_distinct=True,
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_group_portal_public_id")),
    )
    op.create_table(
        "portal_question",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("customer_group_id", sa.BigInteger(), nullable=True),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("label", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "text",
                "long",
                "number",
                "date",
                "choice",
                "yes_no",
                name="questionkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("is_required", sa.Boolean(), nullable=False),
        sa.Column("options", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["user.id"], name=op.f("fk_portal_question_created_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "customer_group_id"],
            ["customer_group.organization_id", "customer_group.id"],
            name=op.f("fk_portal_question_organization_id_customer_group_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_portal_question_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["updated_by_id"], ["user.id"], name=op.f("fk_portal_question_updated_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_question")),
        sa.UniqueConstraint("public_id", name=op.f("uq_portal_question_public_id")),
    )
    op.create_index(
        "ix_portal_question_of_group",
        "portal_question",
        ["organization_id", "customer_group_id", "position"],
        unique=False,
    )
    op.create_table(
        "portal_text",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("customer_group_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "access_email",
                "validation_confirmed",
                "new_primary",
                "previous_primary",
                "forgotten_user_name",
                "password_reset",
                "terms",
                "step_terms",
                "step_contact",
                "step_company",
                "step_questions",
                "summary_complete",
                "summary_incomplete",
                "contact_updated",
                "secondary_added",
                name="portaltextkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("lang", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body_html", sa.Text(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "subject !~ '[\\r\\n]'", name=op.f("ck_portal_text_subject_is_one_line")
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["user.id"], name=op.f("fk_portal_text_created_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "customer_group_id"],
            ["customer_group.organization_id", "customer_group.id"],
            name=op.f("fk_portal_text_organization_id_customer_group_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_portal_text_organization_id")
        ),
        sa.ForeignKeyConstraint(
            ["updated_by_id"], ["user.id"], name=op.f("fk_portal_text_updated_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_text")),
        sa.UniqueConstraint(
            "organization_id",
            "customer_group_id",
            "kind",
            "lang",
            "revision",
            name=op.f("uq_portal_text_organization_id_customer_group_id_kind_lang_revision"),
            postgresql_nulls_not_distinct=True,
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_portal_text_public_id")),
    )
    op.create_index(
        "uq_portal_text_current",
        "portal_text",
        ["organization_id", "customer_group_id", "kind", "lang"],
        unique=True,
        postgresql_where=sa.text("is_current"),
        postgresql_nulls_not_distinct=True,
    )
    op.create_table(
        "payment_method",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("brand", sa.Text(), nullable=False),
        sa.Column("last4", sa.Text(), nullable=False),
        sa.Column("expires_year", sa.BigInteger(), nullable=True),
        sa.Column("expires_month", sa.BigInteger(), nullable=True),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "last4 ~ '^[0-9]{4}$'", name=op.f("ck_payment_method_last4_are_four_digits")
        ),
        sa.CheckConstraint(
            "expires_month BETWEEN 1 AND 12", name=op.f("ck_payment_method_month_is_one")
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["user.id"], name=op.f("fk_payment_method_created_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "customer_id"],
            ["customer.organization_id", "customer.id"],
            name=op.f("fk_payment_method_organization_id_customer_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_payment_method_organization_id")
        ),
        sa.ForeignKeyConstraint(
            ["updated_by_id"], ["user.id"], name=op.f("fk_payment_method_updated_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_method")),
        sa.UniqueConstraint("public_id", name=op.f("uq_payment_method_public_id")),
    )
    op.create_index(
        "ix_payment_method_by_customer",
        "payment_method",
        ["organization_id", "customer_id", "id"],
        unique=False,
    )
    op.create_index(
        "uq_payment_method_one_default",
        "payment_method",
        ["customer_id"],
        unique=True,
        postgresql_where=sa.text("is_default"),
    )
    op.create_table(
        "portal_membership",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("portal_user_id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "invited",
                "pending_validation",
                "validated",
                "rejected",
                "suspended",
                name="membershipstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminders_sent", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("validated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.BigInteger(), nullable=True),
        sa.Column("rejected_because", sa.Text(), nullable=True),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state <> 'validated' OR validated_at IS NOT NULL",
            name=op.f("ck_portal_membership_validated_at_some_time"),
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["user.id"], name=op.f("fk_portal_membership_created_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["user.id"], name=op.f("fk_portal_membership_decided_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "contact_id"],
            ["contact.organization_id", "contact.id"],
            name=op.f("fk_portal_membership_organization_id_contact_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "customer_id"],
            ["customer.organization_id", "customer.id"],
            name=op.f("fk_portal_membership_organization_id_customer_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "portal_user_id"],
            ["portal_user.organization_id", "portal_user.id"],
            name=op.f("fk_portal_membership_organization_id_portal_user_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_portal_membership_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["updated_by_id"], ["user.id"], name=op.f("fk_portal_membership_updated_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_membership")),
        sa.UniqueConstraint(
            "organization_id", "id", name=op.f("uq_portal_membership_organization_id_id")
        ),
        sa.UniqueConstraint(
            "organization_id",
            "portal_user_id",
            "customer_id",
            name=op.f("uq_portal_membership_organization_id_portal_user_id_customer_id"),
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_portal_membership_public_id")),
    )
    op.create_index(
        "ix_portal_membership_by_contact",
        "portal_membership",
        ["organization_id", "contact_id"],
        unique=False,
    )
    op.create_index(
        "ix_portal_membership_by_customer",
        "portal_membership",
        ["organization_id", "customer_id", "id"],
        unique=False,
    )
    op.create_table(
        "review",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("portal_user_id", sa.BigInteger(), nullable=False),
        sa.Column("rating", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "visible",
                "hidden",
                name="reviewstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reply", sa.Text(), nullable=True),
        sa.Column("replied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("rating BETWEEN 1 AND 5", name=op.f("ck_review_rating_is_stars")),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["user.id"], name=op.f("fk_review_created_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "customer_id"],
            ["customer.organization_id", "customer.id"],
            name=op.f("fk_review_organization_id_customer_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "portal_user_id"],
            ["portal_user.organization_id", "portal_user.id"],
            name=op.f("fk_review_organization_id_portal_user_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_review_organization_id")
        ),
        sa.ForeignKeyConstraint(
            ["updated_by_id"], ["user.id"], name=op.f("fk_review_updated_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review")),
        sa.UniqueConstraint("public_id", name=op.f("uq_review_public_id")),
    )
    op.create_index(
        "ix_review_by_customer", "review", ["organization_id", "customer_id", "id"], unique=False
    )
    op.create_table(
        "access_request",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("customer_group_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "requested",
                "email_verified",
                "pending_validation",
                "validated",
                "rejected",
                name="requeststate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("email_norm", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("job_title", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("lang", sa.Text(), nullable=False),
        sa.Column("company_name", sa.Text(), nullable=False),
        sa.Column("tax_id", sa.Text(), nullable=False),
        sa.Column("company", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("answers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("terms_revision", sa.BigInteger(), nullable=True),
        sa.Column("terms_accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("code_hash", sa.Text(), nullable=True),
        sa.Column("code_ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("code_tries", sa.BigInteger(), nullable=False),
        sa.Column("ip", sa.Text(), nullable=True),
        sa.Column("user_agent", sa.Text(), nullable=True),
        sa.Column("matched_customer_id", sa.BigInteger(), nullable=True),
        sa.Column("match_score", sa.BigInteger(), nullable=True),
        sa.Column("portal_membership_id", sa.BigInteger(), nullable=True),
        sa.Column("decided_by_id", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rejected_because", sa.Text(), nullable=True),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "match_score BETWEEN 0 AND 100", name=op.f("ck_access_request_score_is_a_percentage")
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["user.id"], name=op.f("fk_access_request_created_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["user.id"], name=op.f("fk_access_request_decided_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "customer_group_id"],
            ["customer_group.organization_id", "customer_group.id"],
            name=op.f("fk_access_request_organization_id_customer_group_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "matched_customer_id"],
            ["customer.organization_id", "customer.id"],
            name=op.f("fk_access_request_organization_id_matched_customer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "portal_membership_id"],
            ["portal_membership.organization_id", "portal_membership.id"],
            name=op.f("fk_access_request_organization_id_portal_membership_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_access_request_organization_id")
        ),
        sa.ForeignKeyConstraint(
            ["updated_by_id"], ["user.id"], name=op.f("fk_access_request_updated_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_request")),
        sa.UniqueConstraint(
            "organization_id", "id", name=op.f("uq_access_request_organization_id_id")
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_access_request_public_id")),
    )
    op.create_index(
        "ix_access_request_by_state",
        "access_request",
        ["organization_id", "state", "id"],
        unique=False,
    )
    op.create_index(
        "uq_access_request_open",
        "access_request",
        ["organization_id", "customer_group_id", "email_norm"],
        unique=True,
        postgresql_where=sa.text("state IN ('requested', 'email_verified', 'pending_validation')"),
        postgresql_nulls_not_distinct=True,
    )
    op.create_table(
        "document_forward",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("document_id", sa.BigInteger(), nullable=False),
        sa.Column("portal_user_id", sa.BigInteger(), nullable=False),
        sa.Column("addresses", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "cardinality(addresses) BETWEEN 1 AND 10",
            name=op.f("ck_document_forward_has_some_receivers"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "customer_id"],
            ["customer.organization_id", "customer.id"],
            name=op.f("fk_document_forward_organization_id_customer_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "document_id"],
            ["document.organization_id", "document.id"],
            name=op.f("fk_document_forward_organization_id_document_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "portal_user_id"],
            ["portal_user.organization_id", "portal_user.id"],
            name=op.f("fk_document_forward_organization_id_portal_user_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_document_forward_organization_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_forward")),
    )
    op.create_index(
        "ix_document_forward_of_document",
        "document_forward",
        ["organization_id", "document_id", "id"],
        unique=False,
    )
    op.create_index(
        "ix_document_forward_waiting",
        "document_forward",
        ["id"],
        unique=False,
        postgresql_where=sa.text("done_at IS NULL"),
    )
    op.create_table(
        "portal_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "signed_in",
                "viewed",
                "viewed_first",
                "downloaded",
                "accepted",
                "declined",
                "commented",
                "forwarded",
                "printed",
                "edited_profile",
                "edited_address",
                "changed_payment_method",
                "reviewed",
                "revoked_link",
                name="portaleventkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("document_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "actor",
            sa.Enum(
                "portal_user",
                "link",
                name="eventactor",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("portal_user_id", sa.BigInteger(), nullable=True),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ip", sa.Text(), nullable=True),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "actor <> 'portal_user' OR portal_user_id IS NOT NULL",
            name=op.f("ck_portal_event_actor_is_known"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "customer_id"],
            ["customer.organization_id", "customer.id"],
            name=op.f("fk_portal_event_organization_id_customer_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "document_id"],
            ["document.organization_id", "document.id"],
            name=op.f("fk_portal_event_organization_id_document_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "portal_user_id"],
            ["portal_user.organization_id", "portal_user.id"],
            name=op.f("fk_portal_event_organization_id_portal_user_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_portal_event_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_event")),
    )
    op.create_index(
        "ix_portal_event_by_customer",
        "portal_event",
        ["organization_id", "customer_id", "id"],
        unique=False,
    )
    op.create_index(
        "ix_portal_event_of_document",
        "portal_event",
        ["organization_id", "document_id", "id"],
        unique=False,
    )
    op.create_index(
        "ix_portal_event_to_tell",
        "portal_event",
        ["organization_id", "id"],
        unique=False,
        postgresql_where=sa.text("told_at IS NULL"),
    )
    op.create_table(
        "portal_session",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("portal_user_id", sa.BigInteger(), nullable=True),
        sa.Column("portal_membership_id", sa.BigInteger(), nullable=True),
        sa.Column("staff_user_id", sa.BigInteger(), nullable=True),
        sa.Column("customer_id", sa.BigInteger(), nullable=True),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ip", sa.Text(), nullable=True),
        sa.Column("user_agent", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(portal_user_id IS NULL) <> (staff_user_id IS NULL)",
            name=op.f("ck_portal_session_is_somebodys"),
        ),
        sa.CheckConstraint(
            "staff_user_id IS NULL OR customer_id IS NOT NULL",
            name=op.f("ck_portal_session_staff_look_at_one"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "customer_id"],
            ["customer.organization_id", "customer.id"],
            name=op.f("fk_portal_session_organization_id_customer_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "portal_membership_id"],
            ["portal_membership.organization_id", "portal_membership.id"],
            name=op.f("fk_portal_session_organization_id_portal_membership_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "portal_user_id"],
            ["portal_user.organization_id", "portal_user.id"],
            name=op.f("fk_portal_session_organization_id_portal_user_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_portal_session_organization_id")
        ),
        sa.ForeignKeyConstraint(
            ["staff_user_id"],
            ["user.id"],
            name=op.f("fk_portal_session_staff_user_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_portal_session_token_hash")),
    )
    op.create_index(
        "ix_portal_session_portal_user_id", "portal_session", ["portal_user_id"], unique=False
    )
    op.create_table(
        "portal_token",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "invitation",
                "magic_link",
                "password_reset",
                "email_change",
                "spoken_code",
                name="portaltokenkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("portal_user_id", sa.BigInteger(), nullable=False),
        sa.Column("portal_membership_id", sa.BigInteger(), nullable=True),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("browser_hash", sa.Text(), nullable=True),
        sa.Column("new_email", sa.Text(), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("ends_at > created_at", name=op.f("ck_portal_token_ends_later")),
        sa.ForeignKeyConstraint(
            ["organization_id", "portal_membership_id"],
            ["portal_membership.organization_id", "portal_membership.id"],
            name=op.f("fk_portal_token_organization_id_portal_membership_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "portal_user_id"],
            ["portal_user.organization_id", "portal_user.id"],
            name=op.f("fk_portal_token_organization_id_portal_user_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_portal_token_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_portal_token_token_hash")),
    )
    op.create_index(
        "ix_portal_token_portal_user_id", "portal_token", ["portal_user_id", "kind"], unique=False
    )
    op.create_table(
        "quote_answer",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("document_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "answer",
            sa.Enum(
                "accepted",
                "declined",
                name="answer",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("pdf_sha256", sa.Text(), nullable=False),
        sa.Column("portal_user_id", sa.BigInteger(), nullable=True),
        sa.Column("share_link_id", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ip", sa.Text(), nullable=True),
        sa.Column("user_agent", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("name <> ''", name=op.f("ck_quote_answer_is_signed")),
        sa.CheckConstraint(
            "pdf_sha256 ~ '^[0-9a-f]{64}$'", name=op.f("ck_quote_answer_sha256_is_hex")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "customer_id"],
            ["customer.organization_id", "customer.id"],
            name=op.f("fk_quote_answer_organization_id_customer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "document_id"],
            ["document.organization_id", "document.id"],
            name=op.f("fk_quote_answer_organization_id_document_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "portal_user_id"],
            ["portal_user.organization_id", "portal_user.id"],
            name=op.f("fk_quote_answer_organization_id_portal_user_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_quote_answer_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quote_answer")),
        sa.UniqueConstraint(
            "organization_id",
            "document_id",
            name=op.f("uq_quote_answer_organization_id_document_id"),
        ),
    )


def downgrade() -> None:
    op.drop_table("quote_answer")
    op.drop_table("portal_token")
    op.drop_table("portal_session")
    op.drop_table("portal_event")
    op.drop_table("document_forward")
    op.drop_table("access_request")
    op.drop_table("review")
    op.drop_table("portal_membership")
    op.drop_table("payment_method")
    op.drop_table("portal_text")
    op.drop_table("portal_question")
    op.drop_table("group_portal")
    op.drop_table("portal_user")
    op.drop_table("portal_settings")
    op.drop_table("former_portal_name")
