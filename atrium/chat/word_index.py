"""The words of what was said, kept by the database itself beside the turns.

On SQLite an FTS5 index without a copy of the text, its rows numbered by ``chat_said``; on
PostgreSQL a column that the server computes. Only what is no longer being written is in it, and
only the first 100,000 characters of that: a longer text would not fit into one tsvector.
"""

from typing import Any

from django.db import connection

_DROP = """
INSERT INTO chat_words (chat_words, rowid, text)
  SELECT 'delete', number, substr(old.text, 1, 100000) FROM chat_said WHERE turn = old.id;
DELETE FROM chat_said WHERE turn = old.id;
"""
_PUT = """
INSERT INTO chat_said (turn) SELECT new.id WHERE new.state <> 'writing' AND new.text <> '';
INSERT INTO chat_words (rowid, text)
  SELECT number, substr(new.text, 1, 100000) FROM chat_said WHERE turn = new.id;
"""
_SQLITE = (
    "CREATE TABLE chat_said (number INTEGER PRIMARY KEY, turn CHAR(32) NOT NULL UNIQUE)",
    """CREATE VIRTUAL TABLE chat_words USING fts5(
        text, content='', tokenize='unicode61 remove_diacritics 2')""",
    "INSERT INTO chat_said (turn) SELECT id FROM chat_turn WHERE state <> 'writing' AND text <> ''",
    """INSERT INTO chat_words (rowid, text)
        SELECT number, substr(text, 1, 100000) FROM chat_said JOIN chat_turn ON id = turn""",
    f"CREATE TRIGGER chat_words_in AFTER INSERT ON chat_turn BEGIN {_PUT} END",
    f"CREATE TRIGGER chat_words_out AFTER DELETE ON chat_turn BEGIN {_DROP} END",
    f"""CREATE TRIGGER chat_words_changed AFTER UPDATE OF text, state ON chat_turn
        BEGIN {_DROP} {_PUT} END""",
)
_NOT_SQLITE = (
    "DROP TRIGGER IF EXISTS chat_words_in",
    "DROP TRIGGER IF EXISTS chat_words_out",
    "DROP TRIGGER IF EXISTS chat_words_changed",
    "DROP TABLE IF EXISTS chat_words",
    "DROP TABLE IF EXISTS chat_said",
)
_POSTGRES = (
    """ALTER TABLE chat_turn ADD COLUMN words tsvector GENERATED ALWAYS AS (
        CASE WHEN state = 'writing' THEN NULL
        ELSE to_tsvector('simple', left(text, 100000)) END) STORED""",
    "CREATE INDEX chat_turn_words ON chat_turn USING gin (words)",
)
_NOT_POSTGRES = ("ALTER TABLE chat_turn DROP COLUMN IF EXISTS words",)
_FIND_SQLITE = """
SELECT chat_turn.id FROM chat_words
JOIN chat_said ON chat_said.number = chat_words.rowid
JOIN chat_turn ON chat_turn.id = chat_said.turn
WHERE chat_words MATCH %s AND chat_turn.hidden_at IS NULL AND chat_turn.chat_id IN ({chats})
ORDER BY bm25(chat_words), chat_turn.id DESC LIMIT %s
"""
_FIND_POSTGRES = """
SELECT chat_turn.id FROM chat_turn
WHERE chat_turn.words @@ to_tsquery('simple', %s) AND chat_turn.hidden_at IS NULL
AND chat_turn.chat_id IN ({chats})
ORDER BY ts_rank_cd(chat_turn.words, to_tsquery('simple', %s), 1) DESC, chat_turn.id DESC LIMIT %s
"""


def index_the_words(_apps: Any, schema: Any) -> None:
    """Make the index anew, as a step of a migration."""
    if schema.connection.vendor == "postgresql":
        _run(schema, (*_NOT_POSTGRES, *_POSTGRES))
    else:
        _run(schema, (*_NOT_SQLITE, *_SQLITE))


def index_the_words_again(_apps: Any, schema: Any) -> None:
    """Put back what SQLite loses when a migration changes the table of turns; else do nothing."""
    if schema.connection.vendor == "sqlite":
        _run(schema, (*_NOT_SQLITE, *_SQLITE))


def forget_the_words(_apps: Any, schema: Any) -> None:
    _run(schema, _NOT_POSTGRES if schema.connection.vendor == "postgresql" else _NOT_SQLITE)


def let_go_of_deleted() -> None:
    """Have SQLite's index forget words of deleted rows, which it keeps until it is merged."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO chat_words (chat_words) VALUES ('optimize')")


def turns_with(stems: list[str], *, chats: Any, together: bool, limit: int) -> list[Any]:
    """Return the ids of turns in ``chats`` (a query for their ids) with words that begin so.

    All of them when they must stand ``together``, else any; the best first. Nothing outside of
    those chats is ranked. Both engines plan this for the very values that are asked for.
    """
    inside, parameters = chats.query.sql_with_params()
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            asked = (" & " if together else " | ").join(f"'{stem}':*" for stem in stems)
            sql = _FIND_POSTGRES.format(chats=inside)
            cursor.execute(sql, [asked, *parameters, asked, limit])
        else:
            asked = (" AND " if together else " OR ").join(f'"{stem}"*' for stem in stems)
            cursor.execute(_FIND_SQLITE.format(chats=inside), [asked, *parameters, limit])
        return [row[0] for row in cursor.fetchall()]


def _run(schema: Any, statements: tuple[str, ...]) -> None:
    for statement in statements:
        schema.execute(statement, params=None)
