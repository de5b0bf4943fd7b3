"""docs/schema (a page per schema and table) and docs/types (TypeScript, Python), from the database itself.

    python -m tools.reference            # writes them: `make docs`
    python -m tools.reference --check    # fails where one is stale, and names it

The pages say what the catalog says: comments, grants, policies, constraints. The database is built from sql/ and
policies/ on PostgreSQL 18, whatever else is installed: another version words some expressions otherwise. The TypeScript
client takes docs/types as they are, and js_client/src/generated/exact.ts, which says what of it is numeric.
"""
