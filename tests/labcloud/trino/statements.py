"""Statements that parse, which tests of the parser and the formatter share."""

QUERIES = (
    "SELECT 1",
    "SELECT DISTINCT a, b c, d AS e, t.*, r.x.* AS (f, g) FROM t WHERE a = 1 AND NOT b OR c < 2",
    "SELECT * FROM (a JOIN b ON x = y) CROSS JOIN (SELECT 1 UNION SELECT 2) u (a)",
    "SELECT * FROM a.b.c AS d NATURAL LEFT OUTER JOIN e FULL JOIN f USING (g, h), i",
    "SELECT * FROM a JOIN b JOIN c ON b.x = c.x ON a.x = b.x",
    "SELECT * FROM t TABLESAMPLE BERNOULLI (10), UNNEST(a, b) WITH ORDINALITY AS u (c, d)",
    "SELECT * FROM t, LATERAL (SELECT t.a) l, TABLE(f(x => 1, y => TABLE(t), z => DESCRIPTOR(a)))",
    "SELECT * FROM t FOR TIMESTAMP AS OF TIMESTAMP '2020-01-01 00:00:00' WHERE x",
    "SELECT * FROM ((SELECT 1) UNION (SELECT 2 LIMIT 1)) x",
    "WITH RECURSIVE t (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT n FROM t",
    "TABLE x ORDER BY 1 DESC NULLS FIRST OFFSET 2 ROWS FETCH FIRST 3 ROWS WITH TIES",
    "VALUES (1, 'a'), (2, 'b') INTERSECT DISTINCT VALUES 1 EXCEPT ALL (SELECT 1 LIMIT ALL)",
    "SELECT a FROM t GROUP BY DISTINCT GROUPING SETS ((a, b), ()), CUBE (a), ROLLUP (c), (d, e), f",
    "SELECT grouping(a), count(*) FROM t GROUP BY (a) HAVING count(*) > 1 LIMIT 5",
    "SELECT sum(x) FILTER (WHERE y) OVER (w PARTITION BY a ORDER BY b ROWS BETWEEN 1 PRECEDING "
    "AND UNBOUNDED FOLLOWING) FROM t WINDOW w AS (ORDER BY z)",
    "SELECT lag(a, 1) IGNORE NULLS OVER w, max(a ORDER BY b DESC), count(DISTINCT a), count(ALL a)",
    "SELECT LISTAGG(DISTINCT a, ',' ON OVERFLOW TRUNCATE '…' WITH COUNT) WITHIN GROUP (ORDER BY b)",
    "SELECT CAST(a AS row(x bigint, y varchar(3), z timestamp(3) with time zone)), "
    "TRY_CAST(b AS decimal(3, 2)), CAST(c AS interval day to second), CAST(d AS bigint array)",
    "SELECT trim(BOTH 'x' FROM y), trim(LEADING FROM y), trim(y, 'z'), substring(a FROM 1 FOR 2), "
    "position('a' IN b), normalize(a), extract(YEAR FROM b), substring(a, 1), position(a, b)",
    "SELECT CASE a WHEN 1 THEN 2 ELSE 3 END, CASE WHEN b THEN c END, a[1].b.c, - a, -5, +x, a || b",
    "SELECT a AT TIME ZONE 'UTC', DATE '2020', INTERVAL -'1' DAY, INTERVAL '1-2' YEAR TO MONTH",
    "SELECT x -> y, (a, b) -> a + b, () -> 1, f(x -> x, (y, z) -> y)",
    "SELECT a LIKE 'b' ESCAPE 'c', a NOT BETWEEN 1 AND 2, a IN (1, 2), a NOT IN (SELECT 1), "
    "EXISTS (SELECT 1), a IS NOT DISTINCT FROM b, a = ALL (SELECT 1), a <> ANY (VALUES 1)",
    "SELECT JSON_OBJECT(KEY 'a' VALUE 1, 'b': 2 FORMAT JSON NULL ON NULL WITH UNIQUE KEYS), "
    "JSON_ARRAY(1, 2 ABSENT ON NULL RETURNING varchar), JSON_EXISTS(a, 'b' UNKNOWN ON ERROR)",
    "SELECT JSON_VALUE(a, 'lax $.x' PASSING 1 AS \"y\" RETURNING bigint DEFAULT 1 ON EMPTY ERROR "
    "ON ERROR), JSON_QUERY(a, 'x' WITH CONDITIONAL WRAPPER NULL ON EMPTY EMPTY ARRAY ON ERROR)",
    "SELECT current_timestamp(3), localtime, current_user, current_date, row(1, 2), (1, 2), [1, 2]",
    "SELECT U&'\\2603 \\+01F600', X'CA FE', 1.50, 1e3, .5, 0xF, 'it''s', \"a\"\"b\", true, null",
    "SELECT limit, offset, fetch, window, at, over, filter, all, date, position FROM row",
    "SELECT * FROM t MATCH_RECOGNIZE (PARTITION BY a ORDER BY b MEASURES RUNNING LAST(A.x) AS y "
    "ALL ROWS PER MATCH WITH UNMATCHED ROWS AFTER MATCH SKIP TO NEXT ROW PATTERN (A B+? {- C -} | "
    "PERMUTE(D, E)* ^ $ F{2,3} () G{,4}) SUBSET U = (A, B) DEFINE B AS B.x > PREV(B.x)) AS m",
    "SELECT m OVER w FROM t WINDOW w AS (MEASURES last(A.x) AS m ROWS BETWEEN CURRENT ROW AND "
    "UNBOUNDED FOLLOWING AFTER MATCH SKIP PAST LAST ROW PATTERN (A+) DEFINE A AS true)",
    "SELECT ? FROM t WHERE a = ? LIMIT ?",
)

OTHERS = (
    "INSERT INTO t (a, b) SELECT 1, 2",
    "DELETE FROM t WHERE a = 1",
    "UPDATE t SET a = 1, b = 2 WHERE c",
    "MERGE INTO t x USING s ON x.a = s.a WHEN MATCHED AND b THEN UPDATE SET a = 1 "
    "WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT (a) VALUES (1)",
    "UNLOAD (SELECT 1) TO 's3://a/' WITH (format = 'PARQUET')",
    "CREATE TABLE x WITH (a = 'b', c = ARRAY['d']) AS SELECT 1 WITH NO DATA",
    "CREATE OR REPLACE VIEW v AS SELECT 1",
    "PREPARE p FROM SELECT ?",
    "EXECUTE p USING 1, 'a'",
    "EXPLAIN (TYPE LOGICAL, FORMAT TEXT) SELECT 1",
    "EXPLAIN ANALYZE VERBOSE SELECT 1",
    "OPTIMIZE t REWRITE DATA USING BIN_PACK WHERE a = 1",
    "VACUUM db.t",
    "CREATE EXTERNAL TABLE t (a int COMMENT 'x', `b` struct<x:int,y:array<string>>) "
    "PARTITIONED BY (d date) ROW FORMAT DELIMITED FIELDS TERMINATED BY '\\t' LOCATION 's3://b/'",
    "ALTER TABLE t ADD IF NOT EXISTS PARTITION (d = '1') LOCATION 's3://b/' PARTITION (d = '2')",
    "DESCRIBE FORMATTED `db`.`t` PARTITION (d = '1')",
    "SHOW TABLES IN db '*x*'",
    "MSCK REPAIR TABLE t",
)
