"""A first try goes wrong and is tidied; one crawler reads airlines and gates; words come last."""

from typing import Any

from solution_steps import (
    PATTERN,
    RULES,
    arrive,
    counts,
    crawl_flights,
    database,
    declare,
    define,
    describe,
    evaluate,
    glue,
    index,
    rule,
    run,
)


def answer(lab: Any) -> None:
    """Do the whole lab."""
    crawl_flights(lab, exclusions=())
    client, name = glue(lab), database(lab)
    for table in client.get_tables(DatabaseName=name)["TableList"]:
        client.delete_table(DatabaseName=name, Name=table["Name"])
    client.delete_crawler(Name=f"{lab.bucket}-flights")
    define(lab, path="landing/flights")
    run(lab)
    both(lab)
    arrive(lab)
    run(lab)
    describe(lab)
    run(lab)
    index(lab)
    declare(lab)
    total = sum(counts(lab).values())
    values = 'ColumnValues "origin" matches "EWR|JFK|LGA"'
    rule(lab, f"RowCount > {total - 1}", values, *RULES)
    evaluate(lab)


def both(lab: Any) -> None:
    """Airlines and gates by one crawler with two classifiers; the first that fits wins."""
    client = glue(lab)
    names = [f"{lab.bucket}-one", f"{lab.bucket}-two"]
    pattern = PATTERN.replace("%{WORD:flight}", "%{CODE:flight}")
    grok = {"Name": names[0], "Classification": "gates", "GrokPattern": pattern}
    grok["CustomPatterns"] = "CODE [0-9A-Z]{2}[0-9]+"
    client.create_classifier(GrokClassifier=grok)
    client.create_classifier(CsvClassifier={"Name": names[1], "ContainsHeader": "PRESENT"})
    targets = [{"Path": f"s3://{lab.bucket}/landing/{it}/"} for it in ("airlines", "gates")]
    define(lab, "others", Targets={"S3Targets": targets}, Classifiers=names)
    run(lab, "others")
