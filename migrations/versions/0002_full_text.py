"""Full text of the propositions that act: SQLite's FTS5, PostgreSQL's text search.

On SQLite triggers keep the index. A later migration that rebuilds the table ``memories`` there
(``batch_alter_table``) drops them with the old table and has to make them again.

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# An underscore would make two words of an id. With the owner among the words, a search reads one
# user's entries; with the memory's id, an entry is found again without reading all.
_SQLITE_TABLE = """
CREATE VIRTUAL TABLE memories_text USING fts5(
    owner, memory, lineage UNINDEXED, text, reasoning,
    tokenize = 'porter unicode61 remove_diacritics 2'
)
"""
_ENTRY = """
INSERT INTO memories_text (owner, memory, lineage, text, reasoning)
SELECT replace({row}.user_id, '_', ''), replace({row}.id, '_', ''), {row}.lineage_id, {row}.text,
    coalesce({row}.reasoning, '')
"""
_ACTS = """
WHERE {row}.kind = 'proposition' AND {row}.state = 'activated'
    AND {row}.superseded_at IS NULL AND {row}.text IS NOT NULL
"""
_ADD = (_ENTRY + _ACTS).format(row="new")
_REMOVE = """
DELETE FROM memories_text WHERE rowid IN (
    SELECT rowid FROM memories_text
    WHERE memories_text MATCH 'memory:' || replace(old.id, '_', '')
)
"""
_SQLITE_TRIGGERS = {
    "memories_text_insert": f"AFTER INSERT ON memories BEGIN {_ADD}; END",
    "memories_text_update": (
        "AFTER UPDATE OF text, reasoning, state, superseded_at ON memories"
        f" WHEN old.kind = 'proposition' BEGIN {_REMOVE}; {_ADD}; END"
    ),
    "memories_text_delete": (
        f"AFTER DELETE ON memories WHEN old.kind = 'proposition' BEGIN {_REMOVE}; END"
    ),
}

_POSTGRESQL_INDEX = """
CREATE INDEX memories_text ON memories USING gin (
    to_tsvector('english', coalesce(text, '') || ' ' || coalesce(reasoning, ''))
) WHERE kind = 'proposition' AND state = 'activated' AND superseded_at IS NULL
"""


def upgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        op.execute(_POSTGRESQL_INDEX)
        return
    op.execute(_SQLITE_TABLE)
    op.execute(f"{_ENTRY} FROM memories AS new {_ACTS}".format(row="new"))
    for name, body in _SQLITE_TRIGGERS.items():
        op.execute(f"CREATE TRIGGER {name} {body}")


def downgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP INDEX memories_text")
        return
    for name in _SQLITE_TRIGGERS:
        op.execute(f"DROP TRIGGER {name}")
    op.execute("DROP TABLE memories_text")
