"""The course's data: what the script makes, that it repeats, and that it is what it says."""

from __future__ import annotations

import csv
import gzip
import importlib.util
import io
import json
from pathlib import Path
from types import ModuleType

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from PIL import Image, UnidentifiedImageError

DATA = Path(__file__).resolve().parents[2] / "data"


@pytest.fixture(scope="module")
def make_data() -> ModuleType:
    """The script as a module."""
    spec = importlib.util.spec_from_file_location("make_data", DATA / "make_data.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def data(make_data: ModuleType) -> Path:
    """The course's data, made if it is not there."""
    directory: Path = make_data.make(say=lambda line: None)
    return directory


def rows(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))


def test_made_from_nothing_once_and_whole(make_data: ModuleType, tmp_path: Path) -> None:
    make_data.make(tmp_path, say=lambda line: None)
    made = {p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file()}
    assert made - {".made.json"} == make_data.manifest().keys()

    before = {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*")}
    said: list[str] = []
    make_data.make(tmp_path, say=said.append)
    assert said == [f"data: complete ({len(make_data.manifest())} files)"]
    assert {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*")} == before

    (tmp_path / "airlines" / "airlines.csv").unlink()
    assert not make_data.is_complete(tmp_path)


def test_other_content_is_named(make_data: ModuleType) -> None:
    made = make_data.manifest()
    name = "airlines/airlines.csv"
    made[name] = {**made[name], "sha256": "0" * 64}
    del made["planes/planes.csv"]
    assert make_data.differences(made) == [
        "airlines/airlines.csv has other content than the manifest says.",
        "planes/planes.csv was not made.",
    ]


def test_other_compression_of_the_same_content_is_fine(make_data: ModuleType) -> None:
    made = make_data.manifest()
    name = "flights/flights.csv.gz"
    made[name] = {**made[name], "sha256": "0" * 64}
    assert make_data.differences(made) == []


def test_every_month_is_the_same_in_three_formats(data: Path) -> None:
    total = 0
    for month in range(1, 13):
        flights = pq.read_table(data / f"flights/parquet/2013-{month:02}.parquet")
        lines = (data / f"flights/json/2013-{month:02}.jsonl").read_text().splitlines()
        text = (data / f"flights/csv/2013-{month:02}.csv").read_text()
        assert len(lines) == text.count("\n") - 1 == flights.num_rows
        last = flights.slice(flights.num_rows - 1).to_pylist()[0]
        parsed = json.loads(lines[-1])
        assert {**last, "time_hour": last["time_hour"].isoformat() + "Z"} == parsed
        assert pc.unique(flights["month"]).to_pylist() == [month]
        total += flights.num_rows
    assert total == 336_776


def test_the_year_in_one_file_has_all_flights(data: Path) -> None:
    flights = pq.read_table(data / "flights/flights.parquet")
    assert flights.num_rows == 336_776
    assert pc.sum(pc.is_null(flights["arr_delay"])).as_py() == 9_430
    plain = (data / "flights/flights.csv").read_bytes()
    assert gzip.decompress((data / "flights/flights.csv.gz").read_bytes()) == plain
    assert plain.count(b"\n") == 336_777


@pytest.mark.parametrize(
    ("name", "count"),
    [("weather", 26_115), ("planes", 3_322), ("airports", 1_458), ("airlines", 16)],
)
def test_tables_agree_in_three_formats(data: Path, name: str, count: int) -> None:
    table = pq.read_table(data / f"{name}/{name}.parquet")
    lines = (data / f"{name}/{name}.jsonl").read_text(encoding="utf-8").splitlines()
    assert table.num_rows == len(lines) == len(rows(data / f"{name}/{name}.csv")) == count
    assert list(json.loads(lines[0])) == table.column_names


def test_two_schemas_in_one_folder(data: Path) -> None:
    january, february = (rows(data / f"landing/two-schemas/2013-0{m}.csv") for m in (1, 2))
    assert set(january[0]) - set(february[0]) == {"tailnum"}
    assert set(february[0]) - set(january[0]) == {"tail_number", "source_system"}
    assert next(iter(february[0])) == "carrier"


def test_partner_files_are_broken_as_said(data: Path) -> None:
    partner = data / "landing/partner"
    with pytest.raises(EOFError):
        gzip.decompress((partner / "2013-03.csv.gz").read_bytes())
    with pytest.raises(pa.ArrowInvalid, match="magic bytes not found"):
        pq.read_table(partner / "2013-04.parquet")
    assert (partner / "2013-05.csv").read_bytes() == b""
    assert pq.read_table(partner / "2013-06.csv").num_rows == 3_000
    assert len(rows(partner / "2013-07.parquet")) == 3_000
    assert gzip.decompress((partner / "2013-08.csv.gz").read_bytes()).count(b"\n") == 3_001
    european = (partner / "september report+final.csv").read_bytes()
    assert european.decode("latin-1").split("\r\n")[0].split(";")[9] == "compagnie aérienne"


def test_logs_say_that_they_are_generated(data: Path) -> None:
    web = sorted((data / "landing/logs/web").iterdir())
    app = sorted((data / "landing/logs/app").rglob("*.jsonl"))
    assert len(web) == len(app) == 7
    for path in web:
        body = path.read_bytes()
        text = (gzip.decompress(body) if path.suffix == ".gz" else body).decode()
        assert all("generated" in line for line in text.splitlines())
    for path in app:
        assert all(json.loads(line)["generated"] for line in path.read_text().splitlines())


def test_images_are_images_but_for_one(data: Path) -> None:
    *good, bad = sorted((data / "landing/images/apron").iterdir())
    assert len(good) == 6
    for path in good:
        with Image.open(path) as image:
            assert image.size == (320, 200)
    with pytest.raises(UnidentifiedImageError):
        Image.open(bad)


def test_committed_files_are_small() -> None:
    for name in ("README.md", "make_data.py", "manifest.json"):
        assert (DATA / name).stat().st_size < 100_000
