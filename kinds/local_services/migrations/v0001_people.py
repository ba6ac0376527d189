"""People: profiles, skills, certifications, codes, identities, and the log of what was done to accounts."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_NOW = sa.text("now()")


def _column(name: str, kind: Any = None, *, null: bool = False, default: str = "") -> Any:
    server_default = sa.text(default) if default else None
    return sa.Column(name, kind or sa.Text(), server_default=server_default, nullable=null)


def _time(name: str, *, null: bool = True) -> Any:
    return sa.Column(name, sa.DateTime(timezone=True), server_default=None if null else _NOW, nullable=null)


def _theirs(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f(f"fk_{table}_user_id"), ondelete="CASCADE")


def _number() -> Any:
    return sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False)


def upgrade() -> None:
    op.create_table(
        "profiles",
        _column("user_id"),
        _column("bio", default="''"),
        _column("location_label", null=True),
        _column("lat", sa.Float(), null=True),
        _column("lng", sa.Float(), null=True),
        _column("gstin", null=True),
        _column("state", null=True),
        _time("phone_verified_at"),
        _time("email_verified_at"),
        _time("blocked_at"),
        _column("rating_avg", sa.Numeric(3, 2), null=True),
        _column("rating_count", sa.Integer(), default="0"),
        _column("reputation", sa.Numeric(4, 1), default="82.5"),
        _column("notification_preferences", postgresql.JSONB(), default="'{}'"),
        sa.CheckConstraint("(lat IS NULL) = (lng IS NULL)", name=op.f("ck_profiles_whole_point")),
        _theirs("profiles"),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_profiles")),
    )
    op.create_table(
        "user_skills",
        _number(),
        _column("user_id"),
        _column("skill_tag"),
        _theirs("user_skills"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_skills")),
    )
    op.create_index("uq_user_skills_user_id_skill_tag", "user_skills", ["user_id", "skill_tag"], unique=True)
    op.create_index(op.f("ix_user_skills_skill_tag"), "user_skills", ["skill_tag"])
    op.create_table(
        "certifications",
        _number(),
        _column("user_id"),
        _column("title"),
        _column("issuer"),
        _column("issued_on", sa.Date(), null=True),
        _column("file_url", null=True),
        _column("verified", sa.Boolean(), default="false"),
        _theirs("certifications"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certifications")),
    )
    op.create_index(op.f("ix_certifications_user_id"), "certifications", ["user_id"])
    op.create_table(
        "codes",
        _column("id"),
        _column("user_id"),
        _column("purpose"),
        _column("target"),
        _column("digest"),
        _column("tries", sa.Integer(), default="0"),
        _time("created_at", null=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        _time("spent_at"),
        _theirs("codes"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_codes")),
    )
    op.create_index("ix_codes_user_id_purpose", "codes", ["user_id", "purpose", "created_at"])
    op.create_index(op.f("ix_codes_expires_at"), "codes", ["expires_at"])
    op.create_table(
        "social_subjects",
        _column("provider"),
        _column("subject"),
        _column("user_id"),
        _time("created_at", null=False),
        _theirs("social_subjects"),
        sa.PrimaryKeyConstraint("provider", "subject", name=op.f("pk_social_subjects")),
    )
    op.create_index(op.f("ix_social_subjects_user_id"), "social_subjects", ["user_id"])
    op.create_table(
        "begun_registrations",
        _column("token"),
        _column("provider"),
        _column("subject"),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        _time("used_at"),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_begun_registrations")),
    )
    op.create_index(op.f("ix_begun_registrations_expires_at"), "begun_registrations", ["expires_at"])
    _create_audit_log()


def _create_audit_log() -> None:
    op.create_table(
        "audit_log",
        _number(),
        _column("actor_id"),
        _column("action"),
        _column("target_type"),
        _column("target_id"),
        _column("metadata", postgresql.JSONB(), default="'{}'"),
        _time("created_at", null=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_log")),
    )
    op.create_index("ix_audit_log_actor_id", "audit_log", ["actor_id", "id"])
    op.create_index("ix_audit_log_target", "audit_log", ["target_type", "target_id", "id"])
    op.create_index(op.f("ix_audit_log_created_at"), "audit_log", ["created_at"])
    op.execute(
        "CREATE FUNCTION audit_log_only_grows() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'what was done is never changed: add another entry'; END $$"
    )
    op.execute(
        "CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE ON audit_log "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_log_only_grows()"
    )


def downgrade() -> None:
    for table in (
        "audit_log",
        "begun_registrations",
        "social_subjects",
        "codes",
        "certifications",
        "user_skills",
        "profiles",
    ):
        op.drop_table(table)
    op.execute("DROP FUNCTION audit_log_only_grows()")
