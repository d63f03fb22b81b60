"""The audit of memories, and what their owner rules: pinned, scope, an end.

The columns are added one by one: rebuilding ``memories`` on SQLite would drop its triggers (0002).

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
JSON_VALUE = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
ADDED = ("pinned", "scope", "expires_at")


def upgrade() -> None:
    op.add_column(
        "memories", sa.Column("pinned", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column(
        "memories",
        sa.Column("scope", sa.String(length=40), nullable=False, server_default="private"),
    )
    op.add_column("memories", sa.Column("expires_at", MOMENT, nullable=True))
    op.create_table(
        "memory_events",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("user_id", sa.String(length=40), nullable=False),
        sa.Column("memory_id", sa.String(length=40), nullable=True),
        sa.Column("lineage_id", sa.String(length=40), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("verb", sa.String(length=20), nullable=False),
        sa.Column("from_state", sa.String(length=20), nullable=True),
        sa.Column("to_state", sa.String(length=20), nullable=True),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("detail", JSON_VALUE, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name=op.f("fk_memory_events_user_id_users"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_memory_events")),
    )
    op.create_index("ix_memory_events_user_id_at", "memory_events", ["user_id", "at"])
    op.create_index("ix_memory_events_lineage_id_at", "memory_events", ["lineage_id", "at"])


def downgrade() -> None:
    op.drop_table("memory_events")
    for column in ADDED:
        op.drop_column("memories", column)
