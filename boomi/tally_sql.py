"""The triggers that keep ExecutionTally, for both databases.

Counts over millions of executions must not read them. A trigger counts whatever is written, in
the writer's own transaction, so the tally cannot drift from the rows. A migration that alters
the table of executions rebuilds it on SQLite, which drops its triggers: such a migration
installs them again; a test asks whether they are there.
"""

from __future__ import annotations

from django.db.backends.base.base import BaseDatabaseWrapper

KEY = "account_id, day, process_id, process_name, runtime_id, execution_type, status, outcome"
_OWN = ("account_id", "process_id", "process_name", "runtime_id", "execution_type", "status",
        "outcome")  # fmt: skip
EVENTS = ("INSERT", "UPDATE", "DELETE")


def _name(event: str) -> str:
    return f"execution_tally_{event.lower()}"


# --- SQLite: once per row -------------------------------------------------------------------


def _values(row: str) -> dict[str, str]:
    """The key of a row as SQL, column by column; times are stored as text in UTC."""
    return {
        "account_id": f"{row}.account_id",
        "day": f"substr({row}.started_at, 1, 10)",
        **{name: f"{row}.{name}" for name in _OWN[1:]},
    }


def _sqlite_add(row: str) -> str:
    values = _values(row)
    return (
        f"INSERT INTO boomi_executiontally ({KEY}, runs) "  # noqa: S608 - constants
        f"VALUES ({', '.join(values[name] for name in KEY.split(', '))}, 1) "
        f"ON CONFLICT ({KEY}) DO UPDATE SET runs = runs + 1;"
    )


def _sqlite_take(row: str) -> str:
    where = " AND ".join(f"{name} = {value}" for name, value in _values(row).items())
    return f"UPDATE boomi_executiontally SET runs = runs - 1 WHERE {where};"  # noqa: S608


def _sqlite() -> list[str]:
    old, new = _values("OLD"), _values("NEW")
    differs = " OR ".join(f"{old[name]} <> {new[name]}" for name in old)
    return [
        f"CREATE TRIGGER {_name('INSERT')} AFTER INSERT ON boomi_execution "
        f"BEGIN {_sqlite_add('NEW')} END",
        f"CREATE TRIGGER {_name('UPDATE')} "
        f"AFTER UPDATE OF started_at, {', '.join(_OWN)} ON boomi_execution "
        f"WHEN {differs} BEGIN {_sqlite_take('OLD')} {_sqlite_add('NEW')} END",
        f"CREATE TRIGGER {_name('DELETE')} AFTER DELETE ON boomi_execution "
        f"BEGIN {_sqlite_take('OLD')} END",
    ]


# --- PostgreSQL: once per statement ------------------------------------------------------------

_SIGNED = {
    "INSERT": "SELECT *, 1 AS sign FROM added",
    "UPDATE": "SELECT *, 1 AS sign FROM added UNION ALL SELECT *, -1 AS sign FROM taken",
    "DELETE": "SELECT *, -1 AS sign FROM taken",
}
# Sorted, so that two writers take the locks of the rows in one order.
_CHANGES = """
    SELECT account_id, (started_at AT TIME ZONE 'UTC')::date AS day, process_id, process_name,
           runtime_id, execution_type, status, outcome, sum(sign) AS runs
    FROM ({rows}) AS rows
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
    HAVING sum(sign) <> 0
    ORDER BY 1, 2, 3, 4, 5, 6, 7, 8
"""
# A delete never adds a row: the account itself may be going.
_APPLY = {
    "added": f"""
        INSERT INTO boomi_executiontally ({KEY}, runs) {{changes}}
        ON CONFLICT ({KEY}) DO UPDATE SET runs = boomi_executiontally.runs + EXCLUDED.runs;
    """,
    "taken": f"""
        UPDATE boomi_executiontally AS tally SET runs = tally.runs + changes.runs
        FROM ({{changes}}) AS changes
        WHERE {" AND ".join(f"tally.{name} = changes.{name}" for name in KEY.split(", "))};
    """,  # noqa: S608 - constants
}
_TABLES = {
    "INSERT": "NEW TABLE AS added",
    "UPDATE": "NEW TABLE AS added OLD TABLE AS taken",
    "DELETE": "OLD TABLE AS taken",
}


def _postgresql_function(event: str) -> str:
    changes = _CHANGES.format(rows=_SIGNED[event])
    apply = _APPLY["taken" if event == "DELETE" else "added"].format(changes=changes)
    return (
        f"CREATE FUNCTION {_name(event)}() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN {apply} RETURN NULL; END $$"
    )


def _postgresql() -> list[str]:
    functions = [_postgresql_function(event) for event in EVENTS]
    triggers = [
        f"CREATE TRIGGER {_name(event)} AFTER {event} ON boomi_execution "
        f"REFERENCING {_TABLES[event]} FOR EACH STATEMENT EXECUTE FUNCTION {_name(event)}()"
        for event in EVENTS
    ]
    return functions + triggers


def install(connection: BaseDatabaseWrapper) -> None:
    """Create the triggers and count what is there already. The table must have none yet."""
    postgresql = connection.vendor == "postgresql"
    day = "(started_at AT TIME ZONE 'UTC')::date" if postgresql else "substr(started_at, 1, 10)"
    own = ", ".join(_OWN[1:])
    with connection.cursor() as cursor:
        for statement in _postgresql() if postgresql else _sqlite():
            cursor.execute(statement)
        cursor.execute(
            f"INSERT INTO boomi_executiontally ({KEY}, runs) "  # noqa: S608 - constants
            f"SELECT account_id, {day}, {own}, count(*) FROM boomi_execution "
            f"GROUP BY account_id, {day}, {own}"
        )


def remove(connection: BaseDatabaseWrapper) -> None:
    """Drop the triggers and forget the counts."""
    with connection.cursor() as cursor:
        for event in EVENTS:
            if connection.vendor == "postgresql":
                cursor.execute(f"DROP TRIGGER {_name(event)} ON boomi_execution")
                cursor.execute(f"DROP FUNCTION {_name(event)}()")
            else:
                cursor.execute(f"DROP TRIGGER {_name(event)}")
        cursor.execute("DELETE FROM boomi_executiontally")
