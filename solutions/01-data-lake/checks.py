"""Checks of lab 01: a data lake that is landed, laid out, converted, protected and measured.

They look at the bucket through a session of their own and at the declared answers. Of large
objects they read ranges only: a CSV file's beginning, middle and end, a Parquet file's footer.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from botocore.exceptions import ClientError

from grader import Findings, check

NEEDS = """Needs one bucket and no quota. On a real account: some hundred requests and about
10 MB for an hour, less than a cent; the end of the lab says how much."""

CURATED = "curated/flights/"
LANDING = "landing/flights/"
CARRIERS = ("UA", "B6", "US", "DL", "AA", "MQ")
MOST_FILES = 300  # above this a check asks for fewer files instead of opening each
MOST_BYTES = 200_000_000  # the data of a quarter is far below this in every format


def months(lab: Any) -> list[int]:
    """The three months of this student's quarter."""
    first = lab.seed % 4 * 3 + 1
    return [first, first + 1, first + 2]


def carrier(lab: Any) -> str:
    """This student's airline."""
    return CARRIERS[lab.seed // 4 % len(CARRIERS)]


def expected(lab: Any, month: int, columns: list[str] | None = None) -> pa.Table:
    """The real flights of one month."""
    return pq.read_table(lab.data / f"flights/parquet/2013-{month:02}.parquet", columns=columns)


def few(names: list[str], most: int = 3) -> str:
    """The first names, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def these(values: list[int]) -> str:
    """Numbers as words read them: 4, 5 and 6."""
    head, last = ", ".join(map(str, values[:-1])), str(values[-1])
    return f"{head} and {last}" if head else last


def sentence(first: str, *details: str) -> str:
    """A finding: a first line that stands alone, then what was found and expected."""
    return "\n".join((first, *details))


# --- reading the bucket -------------------------------------------------------------------------


@dataclass
class Lake:
    """The lab's bucket, read through the check's own session."""

    aws: Any
    bucket: str

    @cached_property
    def s3(self) -> Any:
        """The S3 client."""
        return self.aws.client("s3")

    def missing(self, found: Findings) -> bool:
        """Whether the bucket is not there; notes it."""
        try:
            self.s3.head_bucket(Bucket=self.bucket)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            first = "The lab's bucket does not exist yet."
            if code in ("403", "AccessDenied", "Forbidden"):
                first = "The lab's bucket belongs to another account."
            found.expect(False, sentence(first, f"Expected a bucket named {self.bucket}."))
            return True
        return False

    def sizes(self, prefix: str) -> dict[str, int]:
        """Key and size of the objects under a prefix, but for folder markers."""
        pages = self.s3.get_paginator("list_objects_v2").paginate(
            Bucket=self.bucket, Prefix=prefix, PaginationConfig={"MaxItems": 20_000}
        )
        items = (item for page in pages for item in page.get("Contents", []))
        return {i["Key"]: i["Size"] for i in items if not i["Key"].endswith("/")}

    def read(self, key: str, first: int, count: int) -> bytes:
        """Some bytes of an object."""
        answer = self.s3.get_object(
            Bucket=self.bucket, Key=key, Range=f"bytes={first}-{first + count - 1}"
        )
        body: bytes = answer["Body"].read()
        return body

    def whole(self, key: str) -> bytes:
        """All bytes of an object."""
        body: bytes = self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        return body


@dataclass
class DataFile:
    """One file of the curated dataset: its key, size and first and last bytes."""

    lake: Lake
    key: str
    size: int

    @cached_property
    def head(self) -> bytes:
        """The first bytes."""
        return self.lake.read(self.key, 0, min(self.size, 64)) if self.size else b""

    @cached_property
    def tail(self) -> bytes:
        """The last bytes: enough for the footer."""
        count = min(self.size, 65_536)
        tail = self.lake.read(self.key, self.size - count, count) if count else b""
        if tail[-4:] == b"PAR1":
            need = int.from_bytes(tail[-8:-4], "little") + 8
            if count < need <= self.size:
                tail = self.lake.read(self.key, self.size - need, need)
        return tail

    @cached_property
    def footer(self) -> pq.FileMetaData | None:
        """The Parquet footer, or None where there is none to read."""
        if self.head[:4] != b"PAR1" or self.tail[-4:] != b"PAR1":
            return None
        try:
            return pq.read_metadata(pa.BufferReader(self.tail))
        except (pa.ArrowInvalid, OSError):
            return None

    @cached_property
    def schema(self) -> pa.Schema:
        """The Arrow schema of a Parquet file."""
        assert self.footer is not None
        return self.footer.schema.to_arrow_schema()

    @property
    def partition(self) -> tuple[str, ...]:
        """The parts of the key between the dataset's prefix and the file's name."""
        return tuple(self.key[len(CURATED) :].split("/")[:-1])

    @property
    def month(self) -> int | None:
        """The month that the key names as month=N."""
        match = re.search(r"/month=0?(\d{1,2})/", self.key)
        return int(match[1]) if match else None

    def kind(self) -> str:
        """What the content is, by its first bytes."""
        return content_kind(self.head)


def content_kind(head: bytes) -> str:
    """What a file is by its first bytes, in words."""
    if not head:
        return "empty"
    if head[:4] == b"PAR1":
        return "Parquet"
    if head[:2] == b"\x1f\x8b":
        return "gzip"
    if head[:3] == b"ORC":
        return "ORC"
    if head[:1] in b"[{":
        return "JSON"
    if head.count(b",") > 2 and head.isascii():
        return "CSV"
    return "something else"


def curated(aws: Any, lab: Any, found: Findings) -> list[DataFile]:
    """The files of the curated dataset; notes it when there are none or far too many."""
    lake = Lake(aws, lab.bucket)
    if lake.missing(found):
        return []
    sizes = lake.sizes(CURATED)
    files = [DataFile(lake, key, size) for key, size in sizes.items() if is_data(key)]
    if not files:
        others = [key for key in lake.sizes("") if not key.startswith(("landing/", "reference/"))]
        near = f"Other keys in the bucket: {few(others)}." if others else "It is empty there."
        found.expect(
            False,
            sentence(f"There is no file under {CURATED} yet.", near, "Expected Parquet files."),
        )
    if len(files) > MOST_FILES:
        found.expect(
            False,
            sentence(
                f"There are {len(files):,} small files: more than one can open.",
                f"Expected at most 4 files in each of 3 months under {CURATED}.",
            ),
        )
        return []
    return files


def parquet_files(aws: Any, lab: Any, found: Findings) -> list[DataFile]:
    """The curated files that are Parquet; notes it when there are none."""
    files = curated(aws, lab, found)
    readable = [file for file in files if file.footer is not None]
    if files and not readable:
        found.expect(
            False,
            sentence("No curated file is Parquet.", f"Found {few([f.key for f in files])}."),
        )
    return readable


def is_data(key: str) -> bool:
    """Whether a key is data by Hive's rule: names that begin with _ or . are not."""
    return not key.rsplit("/", 1)[-1].startswith(("_", "."))


# --- bucket -------------------------------------------------------------------------------------


@check("bucket-closed", points=1, lesson="Who may read")
def bucket_closed(aws: Any, answers: dict[str, Any], lab: Any) -> Findings:
    """The bucket exists and blocks all four kinds of public access."""
    found = Findings()
    lake = Lake(aws, lab.bucket)
    if lake.missing(found):
        return found
    wanted = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    try:
        answer = lake.s3.get_public_access_block(Bucket=lab.bucket)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code != "NoSuchPublicAccessBlockConfiguration":
            raise
        found.expect(
            False,
            sentence(
                "The bucket has no public access block.",
                f"Found none; expected all four settings on: {', '.join(wanted)}.",
            ),
        )
        return found
    settings = answer["PublicAccessBlockConfiguration"]
    off = [name for name in wanted if not settings.get(name)]
    found.expect(
        not off,
        sentence(
            f"{4 - len(off)} of 4 public access settings are on.",
            f"Found off: {', '.join(off)}. Expected all four on; each closes another door.",
        ),
    )
    return found


@check("landed", points=1, lesson="Land it as it came")
def landed(aws: Any, answers: dict[str, Any], lab: Any) -> Findings:
    """The quarter's three CSV files lie in landing/flights/, byte for byte."""
    found = Findings()
    lake = Lake(aws, lab.bucket)
    if lake.missing(found):
        return found
    sizes = lake.sizes("")
    wanted = [f"{LANDING}2013-{month:02}.csv" for month in months(lab)]
    absent = [key for key in wanted if key not in sizes]
    if absent:
        names = {key.rsplit("/", 1)[-1] for key in absent}
        astray = [k for k in sizes if k.rsplit("/", 1)[-1] in names and not k.startswith(CURATED)]
        found.expect(False, sentence(*_where(absent, astray, sizes, lab)))
    for key in wanted:
        if key in sizes:
            _same_bytes(lake, key, sizes[key], lab, found)
    return found


def _where(absent: list[str], astray: list[str], sizes: dict[str, int], lab: Any) -> list[str]:
    """Sentences on files that are not where they should be."""
    wanted = f"Expected {few(absent)}."
    if any(key.startswith("/") for key in astray):
        return ["The keys begin with a slash.", f"Found {few(astray)}. {wanted}"]
    if astray:
        return ["The files lie under other keys.", f"Found {few(astray)}. {wanted}"]
    others = [k for k in sizes if k.startswith(LANDING)]
    if others:
        quarter = f"Your quarter is the months {these(months(lab))}."
        return [
            f"{len(absent)} of your 3 months are missing in {LANDING}.",
            f"Found {few(others)}. {wanted} {quarter}",
        ]
    return [f"No flights have landed in {LANDING} yet.", wanted]


def _same_bytes(lake: Lake, key: str, size: int, lab: Any, found: Findings) -> None:
    """Compare size, beginning, middle and end of a landed file with the course's data."""
    name = key.rsplit("/", 1)[-1]
    original = lab.data / "flights/csv" / name
    length = original.stat().st_size
    head = lake.read(key, 0, min(size, 256)) if size else b""
    if size != length:
        found.expect(False, sentence(_why_other(name, size, head), _sizes(size, length)))
        return
    with original.open("rb") as file:
        for start in (0, length // 2, length - 1024):
            file.seek(start)
            same = file.read(1024) == lake.read(key, start, 1024)
            if not same:
                found.expect(False, sentence(f"{name} has other content than the file."))
                return


def _sizes(size: int, length: int) -> str:
    return f"Found {size:,} bytes; expected the file's {length:,}, unchanged."


def _why_other(name: str, size: int, head: bytes) -> str:
    """The first line for a landed file of another size."""
    if not size:
        return f"{name} is empty in the bucket."
    if head[:2] == b"\x1f\x8b":
        return f"{name} is gzip inside, though its name says CSV."
    if head.rstrip().endswith(name.encode()) and size < 1024:
        return f"{name} holds the path of the file, not the file."
    if head.startswith(b","):
        return f"{name} has gained an index column on its way."
    if head.startswith(b"year,month,day"):
        return f"{name} was rewritten on its way."
    return f"{name} is not the file of that name."


# --- versions -----------------------------------------------------------------------------------


@check("versioning", points=1, lesson="A version brought back")
def versioning(aws: Any, answers: dict[str, Any], lab: Any) -> Findings:
    """The bucket keeps versions."""
    found = Findings()
    lake = Lake(aws, lab.bucket)
    if lake.missing(found):
        return found
    status = lake.s3.get_bucket_versioning(Bucket=lab.bucket).get("Status", "never enabled")
    shown = f"Found status: {status}. Expected: Enabled."
    if status == "Suspended":
        first = "Versioning is suspended rather than enabled."
        found.mistake("versioning-suspended", sentence(first, shown))
    else:
        found.expect(status == "Enabled", sentence("Versioning is not on.", shown))
    return found


@check("brought-back", points=2, lesson="A version brought back")
def brought_back(aws: Any, answers: dict[str, Any], lab: Any) -> Findings:
    """The airlines are readable again and the accident stays in the history."""
    found = Findings()
    lake = Lake(aws, lab.bucket)
    if lake.missing(found):
        return found
    key = "reference/airlines.csv"
    answer = lake.s3.list_object_versions(Bucket=lab.bucket, Prefix=key)
    versions = [v for v in answer.get("Versions", []) if v["Key"] == key]
    markers = [m for m in answer.get("DeleteMarkers", []) if m["Key"] == key]
    if not versions:
        found.expect(False, sentence(f"There is no {key} yet.", "Found no version of it."))
        return found
    if any(marker["IsLatest"] for marker in markers):
        found.expect(
            False,
            sentence(
                "A delete marker hides the airlines.",
                f"Found {len(versions)} versions below a delete marker; expected the good content"
                " as the newest version.",
            ),
        )
    else:
        _newest_is_good(lake, key, versions, lab, found)
    _history(versions, found)
    return found


def _newest_is_good(
    lake: Lake, key: str, versions: list[dict[str, Any]], lab: Any, found: Findings
) -> None:
    """The current content is the course's file."""
    good = (lab.data / "airlines/airlines.csv").read_bytes()
    newest = next((v for v in versions if v["IsLatest"]), versions[0])
    size = newest["Size"]
    first = "The newest version is still the empty one."
    if size:
        first = "The newest version is not the file of airlines."
    same = size == len(good) and lake.whole(key) == good
    found.expect(
        same, sentence(first, f"Found {size} bytes; expected the {len(good)} of airlines.csv.")
    )


def _history(versions: list[dict[str, Any]], found: Findings) -> None:
    """The accident and what was before it are kept."""
    sizes = [v["Size"] for v in reversed(versions)]
    ids = [v["VersionId"] for v in versions]
    described = f"Found versions of {', '.join(map(str, sizes))} bytes, oldest first."
    if len(versions) == 1 and ids == ["null"]:
        found.expect(
            False,
            sentence(
                "The history has one version, named null.",
                "It was written while the bucket kept no versions. Expected versioning first.",
            ),
        )
        return
    found.expect(
        0 in sizes,
        sentence(
            "The empty version is gone from the history.",
            f"{described} Expected the accident to stay visible below the good version.",
        ),
    )
    found.expect(
        len([size for size in sizes if size]) >= 2 or 0 not in sizes,
        sentence(
            "The history does not show a repair.",
            f"{described} Expected the good one, the empty one, and the good one again.",
        ),
    )


# --- layout and format --------------------------------------------------------------------------


@check("partitioned", points=2, lesson="Lay it out")
def partitioned(aws: Any, answers: dict[str, Any], lab: Any) -> Findings:
    """The curated flights lie under year=2013/month=N/, one for each month of the quarter."""
    found = Findings()
    files = curated(aws, lab, found)
    if not files:
        return found
    good = re.compile(r"year=2013/month=(\d{1,2})")
    shapes = Counter("/".join(file.partition) for file in files)
    bad = [shape for shape in shapes if not good.fullmatch(shape)]
    if bad:
        name, *words = _wrong_layout(bad, shapes)
        found.mistake(name, sentence(*words))
    seen = {int(m[1]) for shape in shapes if (m := good.fullmatch(shape))}
    wanted = months(lab)
    if seen or not bad:
        lost, extra = [m for m in wanted if m not in seen], sorted(seen - set(wanted))
        where = f"Found the months {these(sorted(seen))}; expected {these(wanted)}."
        found.expect(not lost, sentence(f"Months are missing: {few(list(map(str, lost)))}.", where))
        found.expect(not extra, sentence("There are months that are not yours.", where))
    names = Counter(int(m[1]) for shape in shapes if (m := good.fullmatch(shape)))
    twice = [month for month, count in names.items() if count > 1]
    found.expect(
        not twice,
        sentence(
            f"Month {twice[0] if twice else 0} has two partitions.",
            "Found it with and without a leading zero: to a query these are two partitions.",
        ),
    )
    return found


def _wrong_layout(bad: list[str], shapes: Counter[str]) -> list[str]:
    """The mistake's name, and sentences on paths that are not year=2013/month=N."""
    path, number = bad[0], len(bad)
    wanted = "Expected year=2013/month=N/ below it."
    shown = f"Found {CURATED}{path}{'/' if path else ''} ({shapes[path]} files). {wanted}"
    if path == "":
        return ["one-folder", "Everything is in one folder.", shown]
    parts = path.split("/")
    if "" in parts:
        return ["double-slash", "The keys have a double slash.", shown]
    if all("=" not in part for part in parts) and re.match(r"\d{4}(/|-|$)", path):
        return ["dates-as-folders", "Dates are written 2013/01/, not year=2013/month=1/.", shown]
    names = [part.split("=")[0] for part in parts]
    if names == ["month", "year"]:
        return ["month-before-year", "The order is month, year rather than year, month.", shown]
    lower = [name.lower() for name in names]
    if lower == ["year", "month"] and names != lower:
        return ["upper-case-partitions", "Partition names are not in lower case.", shown]
    if lower[:2] == ["year", "month"]:
        if len(parts) > 2:
            return ["too-many-partitions", "The layout goes deeper than the month.", shown]
        return ["month-not-a-number", "A partition's value is not a number of a month.", shown]
    if lower == ["month"]:
        return ["no-year", "The year is missing in the path.", shown]
    return ["other-layout", f"{number} paths are not year=…/month=….", shown]


@check("parquet", points=2, lesson="Formats, measured")
def parquet(aws: Any, answers: dict[str, Any], lab: Any) -> Findings:
    """Each curated file is Parquet inside and has the columns of a flight."""
    found = Findings()
    files = curated(aws, lab, found)
    others = [file for file in files if file.footer is None]
    if others:
        name, first = _not_parquet(others[0], f"{len(others)} of {len(files)}")
        shown = f"Found it in {others[0].key}. Expected PAR1 at both ends."
        found.mistake(name, sentence(first, shown))
    wanted = set(expected(lab, months(lab)[0]).column_names) - {"year", "month"}
    for file in files:
        if file.footer is not None and not _columns(file, wanted, found):
            break
    return found


def _not_parquet(file: DataFile, count: str) -> tuple[str, str]:
    """The mistake's name and first line for a file that is not Parquet."""
    kind = file.kind()
    if kind == "empty":
        return "empty-file", "A curated file is empty."
    if kind == "Parquet":
        return "cut-off", "A Parquet file ends before its footer."
    if file.key.endswith(".parquet"):
        return "wrong-extension", f"The name says Parquet, the content is {kind}."
    return "not-parquet", f"{count} files are not Parquet."


def _columns(file: DataFile, wanted: set[str], found: Findings) -> bool:
    """The columns of one file; False when something was noted."""
    names = set(file.schema.names)
    lost, extra = sorted(wanted - names), sorted(names - wanted - {"year", "month"})
    index = [n for n in extra if n.startswith(("__index_level", "Unnamed", "index"))]
    found.expect(
        not lost,
        sentence(f"A file lacks {len(lost)} columns.", f"{file.key} is without {few(lost, 6)}."),
    )
    first = "A file has columns that no flight has."
    if index:
        first = "The DataFrame's index became a column."
    found.expect(not extra, sentence(first, f"{file.key} also has {few(extra, 6)}."))
    return not lost and not extra


@check("file-sizes", points=1, lesson="Small files")
def file_sizes(aws: Any, answers: dict[str, Any], lab: Any) -> Findings:
    """A month is a few files, not many small ones."""
    found = Findings()
    files = curated(aws, lab, found)
    if not files:
        return found
    counts = Counter(file.partition[:2] for file in files)
    partition, most = counts.most_common(1)[0]
    mean = sum(f.size for f in files) // len(files)
    limit = 4 if any(part.startswith("month=") for part in partition) else 4 * len(months(lab))
    if most > limit:
        where = "/".join(partition) or CURATED
        found.mistake(
            "small-files",
            sentence(
                f"Small files: {most} in one month.",
                f"Found {most} files in {where}, {mean:,} bytes on average. Expected at most 4 a"
                " month: each one costs a request and a footer.",
            ),
        )
    return found


@check(
    "every-flight-once",
    points=2,
    lesson="Lay it out",
    hidden=True,
    hint="Compare rows in and rows out by month, also of flights that never took off.",
)
def every_flight_once(aws: Any, answers: dict[str, Any], lab: Any) -> Findings:
    """Each flight of the quarter is in the curated data exactly once, in its month."""
    found = Findings()
    files = parquet_files(aws, lab, found)
    if sum(f.size for f in files) > MOST_BYTES:
        found.expect(False, sentence("The curated files are too large for one quarter."))
        return found
    for month in months(lab) if files else ():
        _month_is_whole([f for f in files if f.month == month], month, lab, found)
    return found


def _month_is_whole(files: list[DataFile], month: int, lab: Any, found: Findings) -> None:
    """Compare a month's rows, missing delays and sum of delays with the real ones."""
    real = expected(lab, month, ["arr_delay"])["arr_delay"]
    rows = sum(file.footer.num_rows for file in files if file.footer is not None)
    flown = len(real) - real.null_count
    shown = f"Found {rows:,} rows; expected {len(real):,}."
    if rows == flown != len(real):
        first = f"Flights that never arrived are missing in month {month}."
        found.mistake("cancelled-flights-dropped", sentence(first, shown))
    elif rows > len(real) and rows % len(real) == 0:
        first = f"Each flight is there {rows // len(real)} times in month {month}."
        found.mistake("written-twice", sentence(first, shown))
    else:
        why = "Rows are missing" if rows < len(real) else "There are too many rows"
        found.expect(rows == len(real), sentence(f"{why} in month {month}.", shown))
    if rows != len(real):
        return
    delays = list(_column(files, "arr_delay"))
    missing = sum(column.null_count for column in delays)
    found.expect(
        missing == real.null_count,
        sentence(
            f"Missing delays became numbers in month {month}."
            if missing < real.null_count
            else f"Delays were lost in month {month}.",
            f"Found {missing:,} missing arrival delays; expected {real.null_count:,}.",
        ),
    )
    total = sum(pc.sum(pc.cast(column, pa.float64())).as_py() or 0 for column in delays)
    found.expect(
        missing != real.null_count or abs(total - pc.sum(real).as_py()) < 1,
        sentence(
            f"Month {month} holds other flights than the real ones.",
            f"Found {total:,.0f} minutes of arrival delay; expected {pc.sum(real).as_py():,}.",
        ),
    )


def _column(files: list[DataFile], name: str) -> Iterator[pa.ChunkedArray]:
    """One column of each file, as numbers; text is parsed, empty and NA text is missing."""
    for file in files:
        if name not in file.schema.names:
            continue
        body = io.BytesIO(file.lake.whole(file.key))
        column = pq.ParquetFile(body).read(columns=[name])[name]
        if pa.types.is_dictionary(column.type):
            column = column.cast(column.type.value_type)
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            blank = pc.is_in(column, value_set=pa.array(["", "NA", "nan", "None"], column.type))
            column = pc.if_else(blank, pa.scalar(None, column.type), column)
        if pa.types.is_floating(column.type):
            column = pc.if_else(pc.is_nan(column), pa.scalar(None, column.type), column)
        yield column


@check(
    "types",
    points=1,
    lesson="Formats, measured",
    hidden=True,
    hint="Read a footer's schema: can a query compute with it, and do all files agree?",
)
def types(aws: Any, answers: dict[str, Any], lab: Any) -> Findings:
    """Numbers are numbers, the hour is a timestamp, and all files agree."""
    found = Findings()
    files = parquet_files(aws, lab, found)
    real = expected(lab, months(lab)[0]).schema
    for file in files:
        wrong = [f"{n} is {file.schema.field(n).type}" for n in _mistyped(file.schema, real)]
        first = f"{len(wrong)} columns have a type that cannot compute."
        if len(wrong) > 10:
            first = "All columns are text."
        elif len(wrong) == 1 and wrong[0].startswith("time_hour"):
            first = "time_hour is not a timestamp."
        found.expect(not wrong, sentence(first, f"In {file.key}: {few(wrong, 6)}."))
        if wrong:
            return found
    schemas = {_names_and_types(file.schema) for file in files}
    found.expect(
        len(schemas) <= 1,
        sentence(
            "Files of one table have different schemas.",
            f"Found {len(schemas)} schemas in {len(files)} files: {_difference(schemas)}.",
        ),
    )
    return found


def _mistyped(schema: pa.Schema, real: pa.Schema) -> list[str]:
    """Columns whose type is of another family than the real one's."""
    wrong = []
    for field in real:
        if field.name not in schema.names or field.name in ("year", "month"):
            continue
        found = schema.field(field.name).type
        if pa.types.is_dictionary(found):
            found = found.value_type
        if not _family(field.type)(found):
            wrong.append(field.name)
    return wrong


def _family(kind: pa.DataType) -> Any:
    """The test that a column's type must pass."""
    if pa.types.is_timestamp(kind):
        return pa.types.is_timestamp
    if pa.types.is_integer(kind):
        return lambda t: pa.types.is_integer(t) or pa.types.is_floating(t) or pa.types.is_decimal(t)
    return lambda t: (
        pa.types.is_string(t) or pa.types.is_large_string(t) or pa.types.is_string_view(t)
    )


def _names_and_types(schema: pa.Schema) -> tuple[tuple[str, str], ...]:
    """Names and types without the order: a query finds columns by name."""
    return tuple(sorted((f.name, str(f.type)) for f in schema if f.name not in ("year", "month")))


def _difference(schemas: set[tuple[tuple[str, str], ...]]) -> str:
    """The columns in which schemas differ."""
    common = set.intersection(*(set(schema) for schema in schemas)) if schemas else set()
    names = sorted({name for schema in schemas for name, _ in set(schema) - common})
    return few(names, 5)


# --- what the lake also holds -------------------------------------------------------------------

BROKEN = ("2013-03.csv.gz", "2013-04.parquet", "2013-05.csv")
RENAMED = {"2013-06.csv": "2013-06.parquet", "2013-07.parquet": "2013-07.csv"}
FINE = ("2013-08.csv.gz", "september report+final.csv")


@check("quarantine", points=2, lesson="What else lands")
def quarantine(aws: Any, answers: dict[str, Any], lab: Any) -> Findings:
    """Broken partner files are apart, and names of the others say what is inside."""
    found = Findings()
    lake = Lake(aws, lab.bucket)
    if lake.missing(found):
        return found
    apart = {key.rsplit("/", 1)[-1]: key for key in lake.sizes("quarantine/")}
    kept = lake.sizes("landing/partner/")
    names = {key.rsplit("/", 1)[-1]: key for key in kept}
    if not apart and not kept:
        found.expect(
            False,
            sentence(
                "No partner file has landed yet.",
                "Found nothing under landing/partner/ and quarantine/; expected seven files.",
            ),
        )
        return found
    _broken_apart(names, apart, found)
    _good_kept(names, apart, found)
    for name, key in names.items():
        if name in (*RENAMED.values(), *FINE):
            _kept_whole(lake, name, key, kept[key], lab, found)
    return found


def _broken_apart(names: dict[str, str], apart: dict[str, str], found: Findings) -> None:
    """What cannot be read to its end is in quarantine/ and nowhere else."""
    stay = [name for name in BROKEN if name in names]
    found.expect(
        not stay,
        sentence(
            f"{len(stay)} files that cannot be read stay in landing/partner/.",
            f"Found {few(stay)} there. Expected: {len(BROKEN)} such files, in quarantine/ only.",
        ),
    )
    lost = [name for name in BROKEN if name not in apart and name not in names]
    found.expect(
        not lost,
        sentence(
            f"{len(lost)} broken files are nowhere.",
            f"Expected {few(lost)} in quarantine/: evidence is kept, not deleted.",
        ),
    )


def _good_kept(names: dict[str, str], apart: dict[str, str], found: Findings) -> None:
    """What can be read is in landing/partner/ under a name that says what it is."""
    jailed = [n for n in (*FINE, *RENAMED, *RENAMED.values()) if n in apart and n not in BROKEN]
    found.expect(
        not jailed,
        sentence(
            f"{len(jailed)} readable files are in quarantine/.",
            f"Found {few(jailed)} there. A wrong extension is a wrong name, not a broken file.",
        ),
    )
    lying = [old for old in RENAMED if old in names]
    found.expect(
        not lying,
        sentence(
            f"{len(lying)} names say something else than the content.",
            f"Found {few(lying)} in landing/partner/. Expected an extension that is true.",
        ),
    )
    absent = [n for n in (*RENAMED.values(), *FINE) if n not in names and n not in apart]
    absent = [n for n in absent if not any(RENAMED.get(old) == n for old in lying + jailed)]
    coded = [n for n in names if "%" in n or "september+report" in n]
    first = f"{len(absent)} readable files are missing in landing/partner/."
    if coded:
        first = "A key is written in its URL form."
    found.expect(
        not absent, sentence(first, f"Found {few(sorted(names), 8)}. Expected also {few(absent)}.")
    )


def _kept_whole(lake: Lake, name: str, key: str, size: int, lab: Any, found: Findings) -> None:
    """A kept file has its original bytes."""
    source = next((old for old, new in RENAMED.items() if new == name), name)
    length = (lab.data / "landing/partner" / source).stat().st_size
    found.expect(
        size == length,
        sentence(
            f"{name} has changed on its way.",
            f"Found {size:,} bytes in {key}; expected {length:,}. A landing zone keeps bytes.",
        ),
    )


# --- lifecycle ----------------------------------------------------------------------------------


@check("lifecycle", points=2, lesson="Lifecycle")
def lifecycle(aws: Any, answers: dict[str, Any], lab: Any) -> Findings:
    """Landing files become cheap, old versions end, broken uploads are cleared."""
    found = Findings()
    lake = Lake(aws, lab.bucket)
    if lake.missing(found):
        return found
    try:
        answer = lake.s3.get_bucket_lifecycle_configuration(Bucket=lab.bucket)
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchLifecycleConfiguration":
            raise
        found.expect(
            False,
            sentence("The bucket has no lifecycle rules.", "Found none; expected three aims."),
        )
        return found
    rules = answer["Rules"]
    active = [rule for rule in rules if rule["Status"] == "Enabled"]
    found.expect(
        bool(active),
        sentence("All lifecycle rules are disabled.", f"Found {len(rules)} rules, none Enabled."),
    )
    if active:
        _moves_landing(active, found)
        _ends_old_versions(active, found)
        _clears_uploads(active, found)
    return found


def prefix_of(rule: dict[str, Any]) -> str:
    """The prefix a rule is for; the empty one is the whole bucket."""
    chosen = rule.get("Filter", {})
    prefix = chosen.get("Prefix", chosen.get("And", {}).get("Prefix", rule.get("Prefix", "")))
    return str(prefix or "")


def _tags(rule: dict[str, Any]) -> bool:
    """Whether a rule is for tagged objects only."""
    chosen = rule.get("Filter", {})
    return "Tag" in chosen or "Tags" in chosen.get("And", {})


def _moves_landing(rules: list[dict[str, Any]], found: Findings) -> None:
    """landing/, and not curated/, goes to STANDARD_IA after 30 days, and nothing is deleted."""
    moves = [(prefix_of(r), t) for r in rules if not _tags(r) for t in r.get("Transitions", [])]
    landing = [t for prefix, t in moves if prefix in ("landing/", "landing", LANDING)]
    right = [t for t in landing if t.get("Days") == 30 and t.get("StorageClass") == "STANDARD_IA"]
    shown = [
        f"{p or 'the whole bucket'}: {t.get('StorageClass')} at {t.get('Days')}" for p, t in moves
    ]
    wanted = "Expected landing/: STANDARD_IA at 30 days."
    everything = any(not prefix or prefix.startswith("curated") for prefix, _ in moves)
    first = "No rule moves landing/ as asked."
    if everything and not landing:
        first = "The rule moves the whole bucket, curated data too."
    elif prefix_only_flights(moves):
        first = "The rule moves only a part of landing/."
    ok = bool(right) and not prefix_only_flights(moves)
    found.expect(ok, sentence(first, f"Found {few(shown) or 'no transition'}. {wanted}"))
    found.expect(
        not (ok and everything),
        sentence("A rule moves curated data too.", f"Found {few(shown)}. {wanted}"),
    )
    deletes = [r for r in rules if {"Days", "Date"} & set(r.get("Expiration", {}))]
    found.expect(
        not deletes,
        sentence(
            "A rule deletes current data.",
            f"Found Expiration for {prefix_of(deletes[0]) if deletes else ''!r}: raw data would be"
            " gone. Expected a transition.",
        ),
    )


def prefix_only_flights(moves: list[tuple[str, dict[str, Any]]]) -> bool:
    """Whether only a folder within landing/ is moved."""
    prefixes = {prefix for prefix, _ in moves}
    return LANDING in prefixes and not prefixes & {"landing/", "landing"}


def _ends_old_versions(rules: list[dict[str, Any]], found: Findings) -> None:
    """Noncurrent versions of all keys end after 90 days."""
    days = {
        prefix_of(r): r["NoncurrentVersionExpiration"].get("NoncurrentDays")
        for r in rules
        if "NoncurrentVersionExpiration" in r
    }
    shown = ", ".join(f"{p or 'whole bucket'}: {d} days" for p, d in days.items()) or "none"
    found.expect(
        days.get("") == 90,
        sentence(
            "Old versions do not end after 90 days everywhere.",
            f"Found {shown}. Expected noncurrent versions of the whole bucket: 90 days.",
        ),
    )


def _clears_uploads(rules: list[dict[str, Any]], found: Findings) -> None:
    """Multipart uploads that were never completed end after 7 days."""
    days = {
        prefix_of(r): r["AbortIncompleteMultipartUpload"].get("DaysAfterInitiation")
        for r in rules
        if "AbortIncompleteMultipartUpload" in r
    }
    shown = ", ".join(f"{p or 'whole bucket'}: {d} days" for p, d in days.items()) or "none"
    found.expect(
        days.get("") == 7,
        sentence(
            "Unfinished uploads are not cleared after 7 days.",
            f"Found {shown}. Expected incomplete multipart uploads of the whole bucket: 7 days.",
        ),
    )


# --- answers ------------------------------------------------------------------------------------


@check("measured", points=2, lesson="Read only the bytes you need")
def measured(aws: Any, answers: dict[str, Any], lab: Any) -> Findings:
    """The declared sizes are those of the files in the bucket."""
    found = Findings()
    files = parquet_files(aws, lab, found)
    if not files:
        return found
    sizes = files[0].lake.sizes(LANDING)
    packed = [_column_bytes(file, "arr_delay", "total_compressed_size") for file in files]
    real = {
        "csv_bytes": sum(sizes.get(f"{LANDING}2013-{month:02}.csv", 0) for month in months(lab)),
        "parquet_bytes": sum(file.size for file in files),
        "delay_bytes": sum(packed),
    }
    plain = sum(_column_bytes(file, "arr_delay", "total_uncompressed_size") for file in files)
    mistakes = {
        "is the size before compression": [plain],
        "is the size of the whole files": [real["parquet_bytes"]],
        "counts one file only": packed + [file.size for file in files] + list(sizes.values()),
    }
    for name, value in real.items():
        given = answers.get(name)
        found.expect(
            given is not None,
            sentence(f"The answer {name} is not declared yet.", f"Expected {MEASURES[name]}."),
        )
        if given is None or _number(given) == value:
            continue
        found.expect(
            False,
            sentence(
                f"{name} {_mismeasured(given, value, mistakes)}.",
                f"Found {given!r}; expected {MEASURES[name]}.",
            ),
        )
    return found


MEASURES = {
    "csv_bytes": "the bytes of your three CSV files in landing/flights/",
    "parquet_bytes": "the bytes of all files in curated/flights/",
    "delay_bytes": "the compressed bytes of arr_delay in all footers, added up",
}


def _mismeasured(given: Any, value: int, mistakes: dict[str, list[int]]) -> str:
    """The name of the mistake behind a wrong size."""
    number = _number(given)
    if number is None:
        return "is not a number"
    if any(abs(number * unit - value) < unit for unit in (1e6, 1024**2)):
        return "is in megabytes, not in bytes"
    if any(abs(number * unit - value) < unit for unit in (1e3, 1024)):
        return "is in kilobytes, not in bytes"
    return next((name for name, sizes in mistakes.items() if number in sizes), "does not fit")


def _number(value: Any) -> float | None:
    """A declared answer as a number, or None."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _column_bytes(file: DataFile, name: str, size: str) -> int:
    """Bytes of one column in all row groups, from the footer."""
    assert file.footer is not None
    groups = (file.footer.row_group(i) for i in range(file.footer.num_row_groups))
    chunks = (g.column(i) for g in groups for i in range(g.num_columns))
    return sum(int(getattr(c, size)) for c in chunks if c.path_in_schema == name)


@check("answered", points=1, lesson="The question, answered")
def answered(aws: Any, answers: dict[str, Any], lab: Any) -> Findings:
    """The destination that your airline reaches latest, and how late, is right."""
    found = Findings()
    dest, minutes = answers.get("late_destination"), answers.get("late_minutes")
    for name, value in (("late_destination", dest), ("late_minutes", minutes)):
        found.expect(value is not None, sentence(f"The answer {name} is not declared yet."))
    if dest is None or minutes is None:
        return found
    flights = quarter(lab)
    mine = flights.filter(pc.equal(flights["carrier"], carrier(lab)))
    right = latest(mine)
    given = (str(dest).strip().upper(), _number(minutes))
    mistakes = {
        "The answer looks at all airlines, not at yours.": latest(flights),
        "The answer uses departure delays.": latest(mine, "dep_delay"),
        "The answer counts flights that never arrived as on time.": latest(mine, missing=0),
        "The answer also ranks destinations with few flights.": latest(mine, least=1),
    }
    first = "The destination or its delay is not right."
    if not _same(given, right):
        first = next((text for text, wrong in mistakes.items() if _same(given, wrong)), first)
        if first.startswith("The destination") and given[0] == right[0]:
            first = "The destination is right, the minutes are not."
    found.expect(
        _same(given, right),
        sentence(
            first,
            f"Found {dest!r} and {minutes!r}. Expected the mean arr_delay of {carrier(lab)} in"
            f" the months {these(months(lab))}, for destinations with 50 arrivals or more.",
        ),
    )
    return found


def quarter(lab: Any) -> pa.Table:
    """The quarter's flights, with what the question needs."""
    columns = ["carrier", "dest", "arr_delay", "dep_delay"]
    return pa.concat_tables([expected(lab, month, columns) for month in months(lab)])


def latest(
    flights: pa.Table, delay: str = "arr_delay", missing: int | None = None, least: int = 50
) -> tuple[str, float]:
    """The destination with the highest mean delay, and that mean."""
    values = flights[delay] if missing is None else pc.fill_null(flights[delay], missing)
    table = pa.table({"dest": flights["dest"], "delay": values})
    means = table.group_by("dest").aggregate([("delay", "mean"), ("delay", "count")])
    means = means.filter(pc.greater_equal(means["delay_count"], least))
    best = means.sort_by([("delay_mean", "descending")]).slice(0, 1).to_pylist()[0]
    return best["dest"], best["delay_mean"]


def _same(given: tuple[str, float | None], right: tuple[str, float]) -> bool:
    """Whether an answer is right, rounding allowed."""
    return given[0] == right[0] and given[1] is not None and abs(given[1] - right[1]) < 0.06
