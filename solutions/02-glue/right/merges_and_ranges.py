"""New columns are merged, the airlines are read by OpenCSV, the rules use a range and a query."""

import json
from typing import Any

from solution_steps import (
    RULES,
    airlines,
    arrive,
    counts,
    crawl_flights,
    declare,
    describe,
    evaluate,
    gates,
    index,
    rule,
    run,
)

MERGE = {
    "Version": 1.0,
    "CrawlerOutput": {
        "Tables": {"AddOrUpdateBehavior": "MergeNewColumns"},
        "Partitions": {"AddOrUpdateBehavior": "InheritFromTable"},
    },
}


def answer(lab: Any) -> None:
    """Do the whole lab."""
    crawl_flights(lab, exclusions=("arch*/*.json",), Configuration=json.dumps(MERGE))
    airlines(lab, Serde="OpenCSVSerDe")
    gates(lab)
    describe(lab)
    arrive(lab)
    run(lab)
    index(lab)
    declare(lab)
    have = counts(lab)
    least = sum(have.values()) - min(have.values())
    query = 'CustomSql "select count(*) from primary where distance < 1" = 0'
    rule(lab, f"RowCount between {least} and 10000000", *RULES, query)
    evaluate(lab)
