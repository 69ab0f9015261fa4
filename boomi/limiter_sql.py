"""The statements of the limiter in the two dialects; `boomi.limiter` explains the idea.

A window of N calls in W seconds is free when the N-th newest call is older than W. The time
is asked for anew wherever it stands: an UPDATE that waited for the row must not count with
the time from before the wait.
"""

# ruff: noqa: S608 - every value is a parameter; only names from this file are put together

from dataclasses import dataclass

TABLE = "boomi_limiterstate"


@dataclass(frozen=True, slots=True)
class Statements:
    """`take` returns a row when the call is admitted, `read` what a refusal is explained by."""

    take: str
    release: str
    back_off: str
    read: str


# Cutting one more than is added lets a list shrink after the caps were lowered.
# Losing the last half second of calls in a crash of the server harms nobody, so this one
# statement does not wait for the disk.
_PG_NOW = "extract(epoch from clock_timestamp())::float8"
_PG_LIVE = f"WHERE lease.value::float8 > {_PG_NOW}"


def _pg_free(column: str, cap: str) -> str:
    return (
        f"coalesce(({column} ->> -%({cap}_calls)s::int)::float8 "
        f"<= {_PG_NOW} - %({cap}_seconds)s::float8, true)"
    )


def _pg_pushed(column: str, kept: str) -> str:
    return (
        f"CASE WHEN jsonb_array_length({column}) > %({kept})s THEN {column} - 0 - 0 "
        f"WHEN jsonb_array_length({column}) = %({kept})s THEN {column} - 0 "
        f"ELSE {column} END || to_jsonb(round({_PG_NOW}::numeric, 4))"
    )


POSTGRESQL = Statements(
    take=f"""
UPDATE {TABLE} SET
  hits = {_pg_pushed("hits", "kept")},
  background_hits = CASE WHEN %(background)s = 1
    THEN {_pg_pushed("background_hits", "background_kept")} ELSE background_hits END,
  leases = (
    SELECT coalesce(jsonb_object_agg(lease.key, lease.value), '{{}}'::jsonb)
    FROM jsonb_each(leases) AS lease {_PG_LIVE}
  ) || jsonb_build_object(%(lease_id)s::text, {_PG_NOW} + %(lease_seconds)s::float8)
WHERE account_id = %(account_id)s
  AND not_before <= {_PG_NOW}
  AND {_pg_free("hits", "second")}
  AND {_pg_free("hits", "minute")}
  AND (%(background)s = 0 OR {_pg_free("background_hits", "background")})
  AND (SELECT count(*) FROM jsonb_each(leases) AS lease {_PG_LIVE}) < %(concurrency)s
RETURNING set_config('synchronous_commit', 'off', true)
""",
    release=f"""
UPDATE {TABLE} SET leases = leases - %(lease_id)s::text
WHERE account_id = %(account_id)s
RETURNING set_config('synchronous_commit', 'off', true)
""",
    back_off=f"""
UPDATE {TABLE} SET not_before = greatest(not_before, {_PG_NOW} + %(seconds)s::float8)
WHERE account_id = %(account_id)s
""",
    read=f"""
SELECT {_PG_NOW}, hits, background_hits, leases, not_before
FROM {TABLE} WHERE account_id = %(account_id)s
""",
)

# SQLite gives all of one statement the same time, taken after the write lock was won.
_LITE_NOW = "((julianday('now') - 2440587.5) * 86400.0)"


def _lite_free(column: str, cap: str) -> str:
    return (
        f"coalesce(json_extract({column}, '$[#-' || %({cap}_calls)s || ']') "
        f"<= {_LITE_NOW} - %({cap}_seconds)s, 1)"
    )


def _lite_pushed(column: str, kept: str) -> str:
    length = f"json_array_length({column})"
    return (
        f"json_insert(CASE WHEN {length} > %({kept})s THEN json_remove({column}, '$[0]', '$[0]') "
        f"WHEN {length} = %({kept})s THEN json_remove({column}, '$[0]') "
        f"ELSE {column} END, '$[#]', round({_LITE_NOW}, 4))"
    )


SQLITE = Statements(
    take=f"""
UPDATE {TABLE} SET
  hits = {_lite_pushed("hits", "kept")},
  background_hits = CASE WHEN %(background)s = 1
    THEN {_lite_pushed("background_hits", "background_kept")} ELSE background_hits END,
  leases = json_set(
    (SELECT json_group_object(lease.key, lease.value)
     FROM json_each(leases) AS lease WHERE lease.value > {_LITE_NOW}),
    %(lease_path)s, {_LITE_NOW} + %(lease_seconds)s)
WHERE account_id = %(account_id)s
  AND not_before <= {_LITE_NOW}
  AND {_lite_free("hits", "second")}
  AND {_lite_free("hits", "minute")}
  AND (%(background)s = 0 OR {_lite_free("background_hits", "background")})
  AND (SELECT count(*) FROM json_each(leases) AS lease WHERE lease.value > {_LITE_NOW})
    < %(concurrency)s
RETURNING 1
""",
    release=f"""
UPDATE {TABLE} SET leases = json_remove(leases, %(lease_path)s)
WHERE account_id = %(account_id)s
""",
    back_off=f"""
UPDATE {TABLE} SET not_before = max(not_before, {_LITE_NOW} + %(seconds)s)
WHERE account_id = %(account_id)s
""",
    read=f"""
SELECT {_LITE_NOW}, hits, background_hits, leases, not_before
FROM {TABLE} WHERE account_id = %(account_id)s
""",
)
