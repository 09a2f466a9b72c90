"""What the Data Catalog holds, in one SQLite database.

`scope` is account, region and catalog; each entity is kept as its text over the wire (`codec`).
"""

from __future__ import annotations

SCHEMA = """
CREATE TABLE IF NOT EXISTS databases (
    scope TEXT NOT NULL,
    name TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (scope, name)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS tables (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    scope TEXT NOT NULL,
    db TEXT NOT NULL,
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (scope, db, name),
    FOREIGN KEY (scope, db) REFERENCES databases (scope, name)
        ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE TABLE IF NOT EXISTS versions (
    owner INTEGER NOT NULL REFERENCES tables (id) ON DELETE CASCADE,
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (owner, version)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS partitions (
    id INTEGER PRIMARY KEY,
    owner INTEGER NOT NULL REFERENCES tables (id) ON DELETE CASCADE,
    vals TEXT NOT NULL,
    body TEXT NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS partitions_by_values ON partitions (owner, vals);
CREATE TABLE IF NOT EXISTS indexes (
    owner INTEGER NOT NULL REFERENCES tables (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (owner, name)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS statistics (
    owner INTEGER NOT NULL REFERENCES tables (id) ON DELETE CASCADE,
    part INTEGER REFERENCES partitions (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    body TEXT NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS statistics_by_column
    ON statistics (owner, ifnull(part, 0), name);
CREATE INDEX IF NOT EXISTS statistics_by_part ON statistics (part);
CREATE TABLE IF NOT EXISTS functions (
    scope TEXT NOT NULL,
    db TEXT NOT NULL,
    name TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (scope, db, name),
    FOREIGN KEY (scope, db) REFERENCES databases (scope, name)
        ON DELETE CASCADE ON UPDATE CASCADE
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS things (
    scope TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (scope, kind, name)
) WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS optimizers_go_with_their_table AFTER DELETE ON tables BEGIN
    DELETE FROM things WHERE kind = 'table optimizer' AND name LIKE old.id || '/%';
END;
"""
"""`things` are entities that belong to no database: connections, classifiers, crawlers, …."""
