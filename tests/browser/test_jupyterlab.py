"""`./start` as a student sees it: JupyterLab in a real browser, lessons, and Validate."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from labcloud.process import down

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = next(
    (
        path
        for name in ("chromium", "chromium-browser", "google-chrome")
        if (path := shutil.which(name))
    ),
    None,
)
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("browser")]


def wait_for_address(log: Path, process: subprocess.Popen[bytes]) -> str:
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        found = re.search(r"http://127\.0\.0\.1:\d+/lab\S*token=\w+", log.read_text())
        if found:
            return found[0]
        assert process.poll() is None, log.read_text()
        time.sleep(0.2)
    raise AssertionError(f"no address within five minutes: {log.read_text()}")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where JupyterLab answers, started as the README says."""
    scratch = tmp_path_factory.mktemp("start")
    log = scratch / "log"
    environment = {
        **os.environ,
        "LABCLOUD_DIR": str(scratch / "cloud"),
        "JUPYTER_CONFIG_DIR": str(scratch / "config"),
        "JUPYTERLAB_WORKSPACES_DIR": str(scratch / "workspaces"),
    }
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["./start", "--no-browser"],
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    yield wait_for_address(log, process)
    os.killpg(process.pid, signal.SIGTERM)
    process.wait(60)
    down(scratch / "cloud")


@pytest.fixture(scope="module")
def page(address: str) -> Iterator[Page]:
    assert CHROMIUM, "no Chromium here; ./test names the command that brings it"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = browser.new_page(viewport={"width": 1400, "height": 1100})
        page.goto(address)
        yield page
        browser.close()


def open_notebook(page: Page, address: str, path: str) -> None:
    base, _, token = address.partition("/lab")
    page.goto(f"{base}/lab/tree/{path}?reset&{token.rpartition('?')[2]}")
    page.wait_for_selector(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Cell", timeout=120_000)


@pytest.mark.parametrize("path", sorted(p.name for p in (ROOT / "course").glob("*.ipynb")))
def test_a_lesson_reads(page: Page, address: str, path: str) -> None:
    open_notebook(page, address, f"course/{path}")
    expect(page.locator(".jp-RenderedHTMLCommon h1").first).to_be_visible(timeout=60_000)
    figures = page.locator(".jp-RenderedMermaid img")
    expect(figures.first).to_be_visible(timeout=60_000)
    assert page.locator(".jp-RenderedMermaid.jp-mod-warning").count() == 0


def test_validate_shows_our_sentences(page: Page, address: str) -> None:
    """The untouched lab fails at its stubs, and Validate says so in words, not in HTML."""
    open_notebook(page, address, "labs/01-data-lake/01-data-lake.ipynb")
    button = page.get_by_role("button", name="Validate")
    button.first.click(timeout=60_000)
    dialog = page.locator(".jp-Dialog-content, .nbgrader-ModalDialog").first
    expect(dialog).to_be_visible(timeout=300_000)
    expect(dialog).to_contain_text(re.compile("fail|NotImplementedError", re.I), timeout=300_000)
