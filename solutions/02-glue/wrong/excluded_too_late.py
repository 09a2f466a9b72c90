"""The exclusion comes after the first crawl, and its table stays."""

from typing import Any

from solution_steps import crawl_flights, glue, run

CHECK = "excluded"
MESSAGE = "A table of the archive is in the catalog"


def answer(lab: Any) -> None:
    """Crawl, exclude, crawl."""
    crawl_flights(lab, exclusions=())
    client, name = glue(lab), f"{lab.bucket}-flights"
    targets = client.get_crawler(Name=name)["Crawler"]["Targets"]["S3Targets"]
    wanted = [{**targets[0], "Exclusions": ["archive/**"]}]
    client.update_crawler(Name=name, Targets={"S3Targets": wanted})
    run(lab)
