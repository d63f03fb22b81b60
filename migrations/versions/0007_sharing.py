"""What is shared with whom is found by an index, by its words too.

SQLite's full text gets the scope among its words; PostgreSQL combines its own with the new index.

Revision ID: 0007
Revises: 0006
"""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

INDEX = "ix_memories_user_id_scope"

_SCOPE = "scope, "
_SCOPE_OF_ROW = "replace({row}.scope, '_', ''), "

_TABLE = """
CREATE VIRTUAL TABLE memories_text USING fts5(
    owner, {scope}memory, lineage UNINDEXED, text, reasoning,
    tokenize = 'porter unicode61 remove_diacritics 2'
)
"""
_ENTRY = """
INSERT INTO memories_text (owner, {scope}memory, lineage, text, reasoning)
SELECT replace({row}.user_id, '_', ''), {scope_of_row}replace({row}.id, '_', ''),
    {row}.lineage_id, {row}.text, coalesce({row}.reasoning, '')
"""
_ACTS = """
WHERE {row}.kind = 'proposition' AND {row}.state = 'activated'
    AND {row}.superseded_at IS NULL AND {row}.text IS NOT NULL
"""
_REMOVE = """
DELETE FROM memories_text WHERE rowid IN (
    SELECT rowid FROM memories_text
    WHERE memories_text MATCH 'memory:' || replace(old.id, '_', '')
)
"""
_TRIGGERS = {
    "memories_text_insert": "AFTER INSERT ON memories BEGIN {add}; END",
    "memories_text_update": (
        "AFTER UPDATE OF text, reasoning, {scope}state, superseded_at ON memories"
        " WHEN old.kind = 'proposition' BEGIN {remove}; {add}; END"
    ),
    "memories_text_delete": (
        "AFTER DELETE ON memories WHEN old.kind = 'proposition' BEGIN {remove}; END"
    ),
}


def upgrade() -> None:
    op.create_index(INDEX, "memories", ["user_id", "scope"])
    if op.get_bind().dialect.name == "sqlite":
        _rebuild(_SCOPE, _SCOPE_OF_ROW)


def downgrade() -> None:
    op.drop_index(INDEX, "memories")
    if op.get_bind().dialect.name == "sqlite":
        _rebuild("", "")


def _rebuild(scope: str, scope_of_row: str) -> None:
    entry = _ENTRY.format(row="new", scope=scope, scope_of_row=scope_of_row.format(row="new"))
    acts = _ACTS.format(row="new")
    for name in _TRIGGERS:
        op.execute(f"DROP TRIGGER {name}")
    op.execute("DROP TABLE memories_text")
    op.execute(_TABLE.format(scope=scope))
    op.execute(f"{entry} FROM memories AS new {acts}")
    for name, body in _TRIGGERS.items():
        made = body.format(scope=scope, add=entry + acts, remove=_REMOVE)
        op.execute(f"CREATE TRIGGER {name} {made}")
