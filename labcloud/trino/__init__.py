"""Trino's SQL on DuckDB: a statement is parsed and typed as Trino does, then run by DuckDB.

parser → tree → analyzer (scopes, types, Trino's errors) → DuckDB's SQL → DuckDB → Trino's values.
Nothing here knows AWS; tables come from a `Catalog`.

Source of all behaviour: Trino's documentation, https://trino.io/docs/current/
"""
