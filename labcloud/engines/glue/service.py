"""The Glue engine: the families of operations as one class."""

from __future__ import annotations

from labcloud.engines.glue.catalogs import CatalogOperations
from labcloud.engines.glue.classifiers import ClassifierOperations
from labcloud.engines.glue.connections import ConnectionOperations
from labcloud.engines.glue.constraints import checked
from labcloud.engines.glue.crawl_runs import CrawlOperations
from labcloud.engines.glue.crawlers import CrawlerOperations
from labcloud.engines.glue.databases import DatabaseOperations
from labcloud.engines.glue.functions import FunctionOperations
from labcloud.engines.glue.indexes import IndexOperations
from labcloud.engines.glue.optimizer_runs import OptimizerRuns
from labcloud.engines.glue.optimizers import OptimizerOperations
from labcloud.engines.glue.quality.runs import QualityOperations
from labcloud.engines.glue.registry import RegistryOperations
from labcloud.engines.glue.search import SearchOperations
from labcloud.engines.glue.security import SecurityOperations
from labcloud.engines.glue.statistics import StatisticsOperations
from labcloud.engines.glue.unfiltered import UnfilteredOperations
from labcloud.engines.glue.versions import VersionOperations


@checked
class GlueEngine(
    CatalogOperations,
    DatabaseOperations,
    UnfilteredOperations,
    VersionOperations,
    SearchOperations,
    IndexOperations,
    StatisticsOperations,
    FunctionOperations,
    ConnectionOperations,
    ClassifierOperations,
    SecurityOperations,
    CrawlerOperations,
    CrawlOperations,
    OptimizerOperations,
    OptimizerRuns,
    QualityOperations,
    RegistryOperations,
):
    """AWS Glue."""

    def stop(self) -> None:
        """Close the catalog."""
        super().stop()
        self.store.close()
