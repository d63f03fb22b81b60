"""What the learning loop asks of all memories with every batch, it asks an index.

How many act is counted without reading them, and what says the same is found by its hash.

Revision ID: 0009
Revises: 0008
"""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_memories_user_id_content_hash", "memories", ["user_id", "content_hash"])
    op.create_index("ix_memories_acting", "memories", ["user_id", "kind", "state", "superseded_at"])
    op.drop_index("ix_memories_user_id_kind_state", "memories")


def downgrade() -> None:
    op.create_index("ix_memories_user_id_kind_state", "memories", ["user_id", "kind", "state"])
    op.drop_index("ix_memories_acting", "memories")
    op.drop_index("ix_memories_user_id_content_hash", "memories")
