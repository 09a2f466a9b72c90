"""The bill counts what happened, prices it, survives, and never calls the unpriced free."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from botocore.session import get_session

from labcloud.billing import GB, PRICES, Bill, Prices, render

HOUR = 3600.0


class Clock:
    """A clock that a test sets."""

    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def bill(tmp_path: Path, clock: Clock) -> Iterator[Bill]:
    opened = Bill(tmp_path, clock=clock)
    yield opened
    opened.close()


def line_of(bill: Bill, operation: str, lab: str | None = None) -> dict[str, object]:
    """Return the one line of an operation."""
    lines = bill.summary(lab)["lines"]
    (found,) = [line for line in lines if line["operation"] == operation]
    return dict(found)


def test_a_thousand_puts_cost_half_a_cent(bill: Bill) -> None:
    for _ in range(1000):
        bill.record("s3", "PutObject", "01-data-lake", bytes_in=10_000)
    assert bill.summary()["total"] == pytest.approx(0.005)
    assert line_of(bill, "PutObject")["count"] == 1000


def test_deletes_and_identity_are_free_and_priced(bill: Bill) -> None:
    bill.record("s3", "DeleteObject", "")
    bill.record("sts", "GetCallerIdentity", "")
    summary = bill.summary()
    assert summary["total"] == 0
    assert summary["not_priced"] == 0


def test_what_has_no_price_is_said_and_not_zero(bill: Bill) -> None:
    bill.record("databrew", "CreateDataset", "")
    summary = bill.summary()
    assert summary["not_priced"] == 1
    assert line_of(bill, "CreateDataset")["usd"] is None
    assert "databrew CreateDataset (1)" in render(summary)


def test_a_measured_unit_prices_the_request(bill: Bill) -> None:
    bill.record("glue", "StartJobRun", "03")
    assert bill.summary()["not_priced"] == 1
    bill.record("glue", "StartJobRun", "03", units={"DPU-hour": 0.5})
    summary = bill.summary()
    assert summary["not_priced"] == 0
    assert summary["total"] == pytest.approx(0.22)


def test_a_unit_without_a_price_is_said(bill: Bill) -> None:
    bill.record("glue", "StartJobRun", "", units={"Ray-hour": 1})
    assert bill.summary()["not_priced"] == 1


def test_sqs_counts_each_64_kb(bill: Bill) -> None:
    bill.record("sqs", "SendMessage", "", bytes_in=64 * 1024)
    bill.record("sqs", "SendMessage", "", bytes_in=64 * 1024 + 1)
    bill.record("sqs", "ReceiveMessage", "")
    assert line_of(bill, "SendMessage")["quantity"] == 3
    assert bill.summary()["total"] == pytest.approx(4 * 0.40 / 1e6)


def test_the_bill_of_one_lab(bill: Bill) -> None:
    bill.record("s3", "PutObject", "01-data-lake")
    bill.record("s3", "PutObject", "02-glue")
    bill.record("s3", "PutObject", None)
    assert bill.summary("01-data-lake")["total"] == pytest.approx(0.000005)
    assert bill.summary()["total"] == pytest.approx(0.000015)


def test_storage_costs_by_the_clock(bill: Bill, clock: Clock) -> None:
    held = [("STANDARD", "", 10.0 * GB)]
    bill.meter("s3", lambda: held)
    clock.now += 730 * HOUR
    assert line_of(bill, "storage STANDARD")["usd"] == pytest.approx(0.23)


def test_storage_moves_to_a_cheaper_class(bill: Bill, clock: Clock) -> None:
    held = [("STANDARD", "", 1.0 * GB)]
    bill.meter("s3", lambda: held)
    clock.now += 730 * HOUR
    bill.settle()
    held[0] = ("DEEP_ARCHIVE", "", 1.0 * GB)
    bill.settle()
    clock.now += 730 * HOUR
    assert bill.summary()["total"] == pytest.approx(0.023 + 0.00099)


def test_storage_is_charged_while_the_cloud_is_down(tmp_path: Path, clock: Clock) -> None:
    first = Bill(tmp_path, clock=clock)
    first.meter("s3", lambda: [("STANDARD", "", 1.0 * GB)])
    first.close()
    clock.now += 730 * HOUR
    second = Bill(tmp_path, clock=clock)
    second.meter("s3", lambda: [("STANDARD", "", 1.0 * GB)])
    assert second.summary()["total"] == pytest.approx(0.023)
    second.close()


def test_it_survives_a_close(tmp_path: Path) -> None:
    first = Bill(tmp_path)
    first.record("s3", "PutObject", "01-data-lake")
    first.close()
    second = Bill(tmp_path)
    second.record("s3", "PutObject", "01-data-lake")
    assert line_of(second, "PutObject")["count"] == 2
    second.close()


def test_it_reaches_the_disk_by_itself(tmp_path: Path, bill: Bill) -> None:
    bill.record("s3", "GetObject", "", bytes_out=10)
    deadline = time.monotonic() + 10
    while not (tmp_path / "bill.json").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert json.loads((tmp_path / "bill.json").read_text())["tallies"][0][:2] == ["s3", "GetObject"]


def test_many_threads_lose_nothing(bill: Bill) -> None:
    def work() -> None:
        for _ in range(2000):
            bill.record("s3", "GetObject", "")

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert line_of(bill, "GetObject")["count"] == 16_000


def test_the_table_shows_total_date_and_labs(bill: Bill) -> None:
    for _ in range(3):
        bill.record("s3", "PutObject", "01-data-lake")
    text = render(bill.summary())
    assert "01-data-lake" in text
    assert "0.000015" in text
    assert "us-east-1, 2026-11-24" in text


def test_every_price_has_a_source_and_a_confidence() -> None:
    services = yaml.safe_load(PRICES.read_text())["services"]
    for service, known in services.items():
        lines = [
            *known.get("requests", ()),
            *known.get("units", {}).values(),
            *known.get("storage", {}).values(),
        ]
        for line in lines:
            if line["usd"] is None:
                assert line["because"], service
            else:
                assert line["source"], service
                assert line["confidence"] in "HML", service


def test_the_table_speaks_of_real_services_and_operations() -> None:
    session = get_session()
    services = yaml.safe_load(PRICES.read_text())["services"]
    for service, known in services.items():
        operations = session.get_service_model(service).operation_names
        for line in known["requests"]:
            for pattern in line["operations"]:
                if not set("*") & set(pattern):
                    assert pattern in operations, f"{service} {pattern}"


def test_every_s3_operation_of_a_data_lake_has_a_price() -> None:
    prices = Prices()
    for operation in (
        *("CreateBucket", "ListBuckets", "PutObject", "GetObject", "HeadObject", "CopyObject"),
        *("DeleteObject", "DeleteObjects", "ListObjectsV2", "ListObjectVersions"),
        *("CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload", "PutObjectTagging"),
        *("PutBucketVersioning", "PutBucketLifecycleConfiguration", "PutPublicAccessBlock"),
    ):
        assert prices.of_request("s3", operation).usd is not None, operation
