"""Crawlers: what is in a store → tables of the Glue Data Catalog.

| module | what it holds |
|---|---|
| `sample` | an object's first bytes, unpacked; at most two reads an object |
| `classify` | which format an object has: custom classifiers first, then Glue's own in order |
| `csv_text`, `json_text`, `columnar`, `logs`, `xml_text` | one module a family of formats |
| `schema` | columns with Glue's types: merging, likeness |
| `grouping` | folders → tables and partitions |
| `tables` | a group → what CreateTable and BatchCreatePartition take |
| `run` | one crawl: policies, log, history |
"""
