"""AWS Glue: the Data Catalog, crawlers, table optimizers and data quality.

| module | what it holds |
|---|---|
| `store`, `codec` | the database of the catalog; how entities are kept: as they go over the wire |
| `base`, `errors`, `constraints`, `paging` | what the families of operations share |
| `databases`, `tables`, `versions`, `search` | databases and tables |
| `partitions`, `partitions_expression`, `indexes` | partitions and their indexes |
| `statistics` | column statistics |
| `functions`, `connections`, `classifiers`, `catalogs`, `security` | further entities |
| `crawlers`, `cron` | definitions of crawlers, their schedules |
| `optimizers`, `rulesets` | definitions of table optimizers and of data quality rulesets |
| `open_tables` | Iceberg tables that CreateTable and UpdateTable make |
| `crawler/` | what a crawler does |
| `quality/` | DQDL: parsed, evaluated |
"""

from __future__ import annotations

from labcloud.engines.glue.service import GlueEngine

__all__ = ["GlueEngine"]
