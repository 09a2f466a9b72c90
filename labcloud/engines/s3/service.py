"""The S3 engine: the families of operations as one class, and its work by the clock."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

from labcloud.engines.s3.buckets import BucketOperations
from labcloud.engines.s3.deleting import DeleteOperations
from labcloud.engines.s3.inventory import Inventories
from labcloud.engines.s3.lifecycle import Lifecycle
from labcloud.engines.s3.listing import ListOperations
from labcloud.engines.s3.multipart import MultipartOperations
from labcloud.engines.s3.posting import PostOperations
from labcloud.engines.s3.settings import SettingsOperations

if TYPE_CHECKING:
    from labcloud.cloud import Cloud

HOUR = 3600
MINUTE = 60


class S3Engine(
    MultipartOperations,
    DeleteOperations,
    ListOperations,
    PostOperations,
    SettingsOperations,
    BucketOperations,
):
    """Amazon S3."""

    def __init__(self, cloud: Cloud) -> None:
        super().__init__(cloud)
        self._lifecycle = Lifecycle(self, self.all_buckets)
        self._inventories = Inventories(self, self.all_buckets)

    def start(self) -> None:
        """Deliver events, sweep what a kill left, and follow the clock."""
        self.notifier.start()
        threading.Thread(target=self._sweep, name="s3-sweep", daemon=True).start()
        self.cloud.every(HOUR, self._lifecycle.run)
        self.cloud.every(HOUR, self._inventories.run)
        self.cloud.every(MINUTE, self.finish_restores)
        self.cloud.every(MINUTE, self.bodies.collect)

    def stop(self) -> None:
        """Stop delivering events and close the store."""
        self.notifier.stop()
        self.store.close()

    def _sweep(self) -> None:
        swept = self.store.sweep()
        if swept:
            self.cloud.log.info("S3: swept %d files that a killed server left", swept)

    def usage(self) -> dict[str, dict[str, dict[str, int]]]:
        """Return what is stored: bucket → storage class → {"bytes", "objects"}."""
        return self.store.usage()

    def stored(self) -> Iterator[tuple[str, str, float]]:
        """Return what is stored, as (storage class, lab, bytes); no lab owns a bucket."""
        for classes in self.usage().values():
            for storage_class, held in classes.items():
                yield storage_class, "", held["bytes"]
