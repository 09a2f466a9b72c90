"""Running a notebook's cells in a kernel."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nbformat import NotebookNode

CELL_SECONDS = 600


def run_cells(
    notebook: NotebookNode,
    folder: Path,
    environment: Mapping[str, str],
    *,
    go_on: bool = False,
) -> None:
    """Run a notebook from its first cell to its last, in `folder`; outputs go into its cells.

    `go_on` runs on after a cell that fails. Raises nbclient's errors: CellExecutionError,
    CellTimeoutError, DeadKernelError.
    """
    from nbclient import NotebookClient

    client = NotebookClient(
        notebook,
        timeout=CELL_SECONDS,
        allow_errors=go_on,
        record_timing=False,
        coalesce_streams=True,
        store_widget_state=False,
        extra_arguments=["--IPKernelApp.log_level=ERROR"],
        resources={"metadata": {"path": str(folder)}},
    )
    asyncio.run(client.async_execute(env=dict(environment)))
