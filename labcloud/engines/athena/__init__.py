"""Amazon Athena: Trino's SQL and Hive's DDL on the objects of S3, by DuckDB.

| module | what it holds |
|---|---|
| `service` | the engine: all families of operations as one class |
| `queries`, `executions`, `results` | executions: started, stored, their results page by page |
| `workgroups`, `saved`, `catalogs`, `capacity`, `tags` | the other families, on moto's state |
| `constraints`, `paging`, `errors`, `locations`, `failures` | what they share |
| `classify`, `metadata` | a statement's kind, the `.metadata` file |
| `pool`, `zygote`, `worker`, `sandbox` | the processes that run queries, and what binds them |
| `worker_context`, `statements`, `csv_file`, `prepared`, `job` | a statement inside a worker |
| `tables` | tables of the Glue Data Catalog as DuckDB reads and writes them |

Nothing here is imported by the package itself: workers load only what they need.
"""
