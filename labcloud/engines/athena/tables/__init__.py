"""Tables of the Glue Data Catalog as DuckDB reads and writes them.

| module | what it holds |
|---|---|
| `glue_types` | Hive's type text ↔ Trino's types |
| `catalog` | names → tables and views of the Glue Data Catalog, information_schema |
| `files` | the objects under a location |
| `partitions`, `projection` | which partitions a query reads |
| `scan` | a table in a query → a DuckDB table expression, and the bytes it reads |
| `parquet`, `text`, … | one module a format |
"""
