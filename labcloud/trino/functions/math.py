"""Mathematical functions. Source: https://trino.io/docs/current/functions/math.html

Native DuckDB expressions wherever they agree with Java's; DuckDB's own overflow errors ("Overflow
on abs(-128)") are translated by faults.py.
"""

from __future__ import annotations

import math
import random as _random
from collections.abc import Callable
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal, localcontext
from statistics import NormalDist
from typing import Any

from labcloud.trino.errors import quote, raise_sql, udf_error
from labcloud.trino.functions.emit import invalid, nullable, python
from labcloud.trino.functions.registry import Call, scalar, volatile
from labcloud.trino.render import java_double
from labcloud.trino.text_casts import BITS
from labcloud.trino.types import BIGINT, INTEGERS, Type, decimal, duckdb_type

LONG = (-(2**63), 2**63 - 1)
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def _as_result(template: str) -> Callable[[Call], str]:
    """Return an `emit` whose SQL is cast to the type of the result."""

    def emit(call: Call) -> str:
        inside = template.format(*(argument.sql for argument in call.args))
        return f"CAST({inside} AS {duckdb_type(call.result)})"

    return emit


# ---- rounding


def _whole(kinds: list[Type]) -> Type:
    """The decimal without scale that holds any rounding of a decimal."""
    kind = kinds[0]
    return decimal(min(38, kind.precision - kind.scale + min(1, kind.scale)), 0)


def _one_more(kinds: list[Type]) -> Type:
    return decimal(min(38, kinds[0].precision + 1), kinds[0].scale)


def _truncated(kinds: list[Type]) -> Type:
    return decimal(max(1, kinds[0].precision - kinds[0].scale), 0)


def _cut(number: Decimal, places: int, rounding: str) -> Decimal:
    with localcontext(prec=80):
        return number.quantize(Decimal(1).scaleb(-places), rounding=rounding)


def round_decimal(number: Decimal, places: int, precision: int, scale: int) -> Decimal:
    """Round decimal(precision, scale) half away from zero to `places`, which may be negative."""
    if places >= scale:
        return number
    if precision <= 18 and precision - scale + places <= 0:
        return Decimal(0)
    with localcontext(prec=80):
        rounded = _cut(number, places, ROUND_HALF_UP).quantize(Decimal(1).scaleb(-scale))
        if abs(rounded.scaleb(scale)) >= 10 ** min(38, precision + 1):
            raise udf_error("NUMERIC_VALUE_OUT_OF_RANGE", f"decimal overflow: {number}")
    return rounded


def truncate_decimal(number: Decimal, places: int, precision: int, scale: int) -> Decimal:
    """Drop the digits of decimal(precision, scale) behind `places`, which may be negative."""
    if places >= scale:
        return number
    if precision - scale + places <= 0:
        return Decimal(0)
    with localcontext(prec=80):
        return _cut(number, places, ROUND_DOWN).quantize(Decimal(1).scaleb(-scale))


def _decimal_places(
    function: Callable[[Decimal, int, int, int], Decimal],
) -> Callable[[Call], str]:
    def emit(call: Call) -> str:
        kind = call.type(0)
        name = call.udf(function, [kind, BIGINT, BIGINT, BIGINT], call.result)
        return f"{name}({call.sql(0)}, {call.sql(1)}, {kind.precision}, {kind.scale})"

    return emit


def _round_places(call: Call) -> str:
    kind, places = call.type(0), call.args[1].value
    result = duckdb_type(call.result)
    if isinstance(places, int) and places >= kind.scale:
        return f"CAST({call.sql(0)} AS {result})"
    if isinstance(places, int) and places >= 0 and kind.precision < 38:
        shorter = decimal(kind.precision - kind.scale + places + 1, places)
        return f"CAST(CAST({call.sql(0)} AS {duckdb_type(shorter)}) AS {result})"
    return _decimal_places(round_decimal)(call)


def _truncate_places(call: Call) -> str:
    kind, places = call.type(0), call.args[1].value
    if isinstance(places, int) and 0 <= places <= kind.scale:
        return f"CAST(trunc({call.sql(0)}, {places}) AS {duckdb_type(call.result)})"
    return _decimal_places(truncate_decimal)(call)


def round_integer(number: int, places: int) -> int:
    """Round an integer half away from zero to tens (-1), hundreds (-2) and so on."""
    if places >= 0:
        return number
    factor: int = 10 ** min(-places, 40)
    rounded = (abs(number) + factor // 2) // factor * factor
    if factor > LONG[1] or rounded > LONG[1]:
        raise udf_error("NUMERIC_VALUE_OUT_OF_RANGE", f"numerical overflow: {number}")
    return rounded if number >= 0 else -rounded


def round_narrow(number: int, places: int, bits: int, kind: str) -> int:
    """Round an integer of less than 64 bits as `round_integer` does."""
    rounded = round_integer(number, places)
    if not -(2**bits) <= rounded < 2**bits:
        raise udf_error("NUMERIC_VALUE_OUT_OF_RANGE", f"Out of range for {kind}: {rounded}")
    return rounded


def _round_integer(call: Call) -> str:
    places, kind = call.args[1].value, call.type(0)
    if isinstance(places, int) and places >= 0:
        return call.sql(0)
    if kind == BIGINT:
        return python(round_integer)(call)
    name = call.udf(round_narrow, [kind, BIGINT, BIGINT, Type("varchar")], kind)
    return f"{name}({call.sql(0)}, {call.sql(1)}, {BITS[kind.base]}, {quote(kind.base)})"


# ---- remainder


def _mod(call: Call) -> str:
    """MathFunctions.mod of integers lets Java's own ArithmeticException through."""
    value = f"({call.sql(0)} % {call.sql(1)})"
    divisor = call.args[1]
    if divisor.constant and divisor.value != 0:
        return value
    error = raise_sql("GENERIC_INTERNAL_ERROR", quote("/ by zero"), duckdb_type(call.result))
    return f"CASE WHEN {divisor.sql} = 0 THEN {error} ELSE {value} END"


def _mod_decimal(kinds: list[Type]) -> Type:
    a, b = kinds
    scale = max(a.scale, b.scale)
    return decimal(min(b.precision - b.scale, a.precision - a.scale) + scale, scale)


# ---- random numbers


@volatile
def random_below(bound: int) -> int:
    """Return a random number from 0 to below `bound`."""
    if bound <= 0:
        raise invalid("bound must be positive")
    return _random.randrange(bound)


@volatile
def random_between(start: int, stop: int) -> int:
    """Return a random number from `start` to below `stop`."""
    if start >= stop:
        raise invalid("start value must be less than stop value")
    return _random.randrange(start, stop)


# ---- bases and buckets


def _check_radix(radix: int) -> None:
    if not 2 <= radix <= 36:
        raise invalid("Radix must be between 2 and 36")


def to_base(number: int, radix: int) -> str:
    """Write a number to a base from 2 to 36."""
    _check_radix(radix)
    digits, rest = "", abs(number)
    while rest or not digits:
        rest, digit = divmod(rest, radix)
        digits = _DIGITS[digit] + digits
    return "-" + digits if number < 0 else digits


def from_base(text: str, radix: int) -> int:
    """Read a number of a base from 2 to 36."""
    _check_radix(radix)
    number = _parse(text, radix)
    if number is None or not LONG[0] <= number <= LONG[1]:
        raise invalid(f"Not a valid base-{radix} number: {text}")
    return number


def _parse(text: str, radix: int) -> int | None:
    digits = text[1:] if text[:1] in ("+", "-") else text
    number = 0
    for char in digits.lower():
        digit = _DIGITS.find(char)
        if not 0 <= digit < radix:
            return None
        number = number * radix + digit
    if not digits:
        return None
    return -number if text[0] == "-" else number


def width_bucket(operand: float, first: float, second: float, count: int) -> int:
    """Return the number of the bucket in which a value falls, of `count` equal ones."""
    for holds, message in (
        (count > 0, "bucketCount must be greater than 0"),
        (not math.isnan(operand), "operand must not be NaN"),
        (math.isfinite(first), "first bound must be finite"),
        (math.isfinite(second), "second bound must be finite"),
        (first != second, "bounds cannot equal each other"),
    ):
        if not holds:
            raise invalid(message)
    lower, upper = min(first, second), max(first, second)
    if operand < lower:
        result = 0
    elif operand >= upper:
        if count == LONG[1]:
            message = f"Bucket for value {java_double(operand)} is out of range"
            raise udf_error("NUMERIC_VALUE_OUT_OF_RANGE", message)
        result = count + 1
    else:
        result = int(count * (operand - lower) / (upper - lower) + 1)
    return count - result + 1 if first > second else result


def width_bucket_bins(operand: float, bins: list[float | None]) -> int:
    """Return the number of the bin in which a value falls."""
    if not bins:
        raise invalid("Bins cannot be an empty array")
    if math.isnan(operand):
        raise invalid("Operand cannot be NaN")
    values = [0.0 if edge is None else edge for edge in bins]
    lower, upper = 0, len(values)
    while lower < upper:
        if values[lower] > values[upper - 1]:
            raise invalid("Bin values are not sorted in ascending order")
        middle = (lower + upper) // 2
        if not math.isfinite(values[middle]):
            raise invalid(f"Bin value must be finite, got {java_double(values[middle])}")
        if operand < values[middle]:
            upper = middle
        else:
            lower = middle + 1
    return lower


# ---- vectors


def _same_length(first: list[Any], second: list[Any]) -> None:
    if len(first) != len(second):
        raise invalid("The arguments must have the same length")


def dot_product(first: list[float], second: list[float]) -> float:
    """Return the dot product of two vectors."""
    _same_length(first, second)
    return sum((a or 0.0) * (b or 0.0) for a, b in zip(first, second, strict=True))


def euclidean_distance(first: list[float], second: list[float]) -> float:
    """Return the distance of two points."""
    _same_length(first, second)
    pairs = zip(first, second, strict=True)
    return math.sqrt(sum(((a or 0.0) - (b or 0.0)) ** 2 for a, b in pairs))


def cosine_similarity(first: list[float], second: list[float]) -> float:
    """Return the cosine of the angle between two vectors."""
    _same_length(first, second)
    size = dot_product(first, first) * dot_product(second, second)
    if size == 0:
        raise invalid("Vector magnitude cannot be zero")
    return dot_product(first, second) / math.sqrt(size)


def cosine_distance(first: list[float], second: list[float]) -> float:
    """Return what the cosine of the angle between two vectors lacks of one."""
    return 1.0 - cosine_similarity(first, second)


@nullable
def cosine_similarity_sparse(
    first: dict[str, float | None], second: dict[str, float | None]
) -> float | None:
    """Return the cosine of the angle between two vectors whose coordinates have names."""
    if None in first.values() or None in second.values():
        return None
    product = sum((a or 0.0) * (second[k] or 0.0) for k, a in first.items() if k in second)
    norms = [math.sqrt(sum((a or 0.0) ** 2 for a in side.values())) for side in (first, second)]
    size = norms[0] * norms[1]
    return product / size if size else math.nan


# ---- probability


def normal_cdf(mean: float, deviation: float, value: float) -> float:
    """Return the normal distribution's probability of at most `value`."""
    if not deviation > 0:
        raise invalid("standardDeviation must be > 0")
    return 0.5 * (1 + math.erf((value - mean) / (deviation * math.sqrt(2))))


def inverse_normal_cdf(mean: float, deviation: float, p: float) -> float:
    """Return the value which the normal distribution does not exceed with probability `p`."""
    if not 0 < p < 1:
        raise invalid("p must be 0 > p > 1")
    if not deviation > 0:
        raise invalid("sd must be > 0")
    return mean + deviation * NormalDist().inv_cdf(p)


def _incomplete_beta(a: float, b: float, x: float) -> float:
    """Return the regularized incomplete beta function, by Lentz's continued fraction."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - _incomplete_beta(b, a, 1 - x)
    log_front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    front = math.exp(log_front + a * math.log(x) + b * math.log1p(-x)) / a
    tiny, c, result = 1e-300, 1.0, 1.0
    d = 1 - (a + b) * x / (a + 1)
    d = 1 / (d or tiny)
    result = d
    for m in range(1, 10_000):
        for numerator in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / ((1 + numerator * d) or tiny)
            c = (1 + numerator / c) or tiny
            result *= c * d
        if abs(c * d - 1) < 1e-16:
            break
    return front * result


def beta_cdf(a: float, b: float, value: float) -> float:
    """Return the beta distribution's probability of at most `value`."""
    if not 0 <= value <= 1:
        raise invalid("value must be 0 >= v >= 1")
    if not (a > 0 and b > 0):
        raise invalid("a, b must be > 0")
    return _incomplete_beta(a, b, value)


def inverse_beta_cdf(a: float, b: float, p: float) -> float:
    """Return the value which the beta distribution does not exceed with probability `p`."""
    if not 0 <= p <= 1:
        raise invalid("p must be 0 >= p >= 1")
    if not (a > 0 and b > 0):
        raise invalid("a, b must be > 0")
    low, high = 0.0, 1.0
    for _ in range(200):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if _incomplete_beta(a, b, middle) < p:
            low = middle
        else:
            high = middle
    return 0.0 if p == 0 else high


def _check_freedom(freedom: int) -> None:
    if freedom <= 0:
        raise invalid("df must be greater than 0")


def t_pdf(x: float, freedom: int) -> float:
    """Return the density of Student's t-distribution."""
    _check_freedom(freedom)
    log_front = math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2)
    front = math.exp(log_front) / math.sqrt(freedom * math.pi)
    return float(front * (1 + x * x / freedom) ** (-(freedom + 1) / 2))


def t_cdf(x: float, freedom: int) -> float:
    """Return the probability of at most `x` in Student's t-distribution."""
    _check_freedom(freedom)
    tail = 0.5 * _incomplete_beta(freedom / 2, 0.5, freedom / (freedom + x * x))
    return 1 - tail if x > 0 else tail


def wilson_interval_lower(successes: int, trials: int, z: float) -> float:
    """Return the lower bound of Wilson's score interval."""
    return _wilson(successes, trials, z, -1)


def wilson_interval_upper(successes: int, trials: int, z: float) -> float:
    """Return the upper bound of Wilson's score interval."""
    return _wilson(successes, trials, z, 1)


def _wilson(successes: int, trials: int, z: float, side: int) -> float:
    for holds, message in (
        (successes >= 0, "number of successes must not be negative"),
        (trials > 0, "number of trials must be positive"),
        (successes <= trials, "number of successes must not be larger than number of trials"),
        (z >= 0, "z-score must not be negative"),
    ):
        if not holds:
            raise invalid(message)
    p = successes / trials
    spread = z * math.sqrt(p * (1 - p) / trials + z * z / (4 * trials * trials))
    return (p + z * z / (2 * trials) + side * spread) / (1 + z * z / trials)


# ---- declarations

for _kind in (*INTEGERS, "double", "real", "decimal(p,s)"):
    scalar("abs", _kind, _kind, "abs({0})")
for _name, _function in (("ceiling", "ceil"), ("ceil", "ceil"), ("floor", "floor")):
    for _kind in INTEGERS:
        scalar(_name, _kind, _kind, "{0}")
    scalar(_name, "double", "double", f"{_function}({{0}})")
    scalar(_name, "real", "real", f"{_function}({{0}})")
    scalar(_name, "decimal(p,s)", _whole, _as_result(f"{_function}({{0}})"))
for _kind in INTEGERS:
    scalar("round", _kind, _kind, "{0}")
    scalar("round", f"{_kind}, integer", _kind, _round_integer)
    scalar("mod", f"{_kind}, {_kind}", _kind, _mod)
    scalar("random", _kind, _kind, python(random_below))
    scalar("random", f"{_kind}, {_kind}", _kind, python(random_between))
    scalar("rand", _kind, _kind, python(random_below))
    scalar("rand", f"{_kind}, {_kind}", _kind, python(random_between))
scalar("round", "double", "double", "round({0})")
scalar("round", "double, integer", "double", "round({0}, {1})")
scalar("round", "real", "real", _as_result("round(CAST({0} AS DOUBLE))"))
scalar("round", "real, integer", "real", _as_result("round(CAST({0} AS DOUBLE), {1})"))
scalar("round", "decimal(p,s)", _whole, _as_result("{0}"))
scalar("round", "decimal(p,s), integer", _one_more, _round_places)
scalar("truncate", "double", "double", "trunc({0})")
scalar("truncate", "real", "real", "trunc({0})")
scalar("truncate", "decimal(p,s)", _truncated, _as_result("trunc({0})"))
scalar("truncate", "decimal(p,s), integer", "decimal(p,s)", _truncate_places)
for _kind in ("double", "real"):
    scalar("mod", f"{_kind}, {_kind}", _kind, "({0} % {1})")
scalar(
    "mod",
    "decimal(p,s), decimal(q,t)",
    _mod_decimal,
    _as_result("({0} % {1})"),
    shown="decimal(a_precision,a_scale), decimal(b_precision,b_scale)",
)
for _kind in INTEGERS:
    scalar("sign", _kind, _kind, _as_result("sign({0})"))
scalar("sign", "decimal(p,s)", "decimal(1,0)", _as_result("sign({0})"))
for _kind in ("double", "real"):
    _sign = "CASE WHEN isnan({0}) OR {0} = 0 THEN {0} ELSE sign({0}) END"
    scalar("sign", _kind, _kind, _as_result(_sign))

for _name in (
    *("acos", "asin", "atan", "cbrt", "cos", "cosh", "degrees", "exp", "ln", "log10", "radians"),
    *("sin", "sinh", "sqrt", "tan", "tanh"),
):
    scalar(_name, "double", "double", f"{_name}({{0}})")
scalar("atan2", "double, double", "double", "atan2({0}, {1})")
scalar("log2", "double", "double", "(ln({0}) / ln(2.0::DOUBLE))")
scalar("log", "double, double", "double", "(ln({1}) / ln({0}))")
for _name in ("power", "pow"):
    scalar(_name, "double, double", "double", "pow({0}, {1})")
scalar("e", "", "double", f"{math.e!r}::DOUBLE")
scalar("pi", "", "double", "pi()")
scalar("infinity", "", "double", "'inf'::DOUBLE")
scalar("nan", "", "double", "'nan'::DOUBLE")
scalar("is_finite", "double", "boolean", "isfinite({0})")
scalar("is_infinite", "double", "boolean", "isinf({0})")
scalar("is_nan", "double", "boolean", "isnan({0})")
scalar("is_nan", "real", "boolean", "isnan({0})")
for _name in ("random", "rand"):
    scalar(_name, "", "double", "random()")

scalar("to_base", "bigint, bigint", "varchar(64)", python(to_base))
scalar("from_base", "varchar(x), bigint", "bigint", python(from_base))
scalar("width_bucket", "double, double, double, bigint", "bigint", python(width_bucket))
scalar("width_bucket", "double, array(double)", "bigint", python(width_bucket_bins))
scalar(
    "cosine_similarity",
    "map(varchar,double), map(varchar,double)",
    "double",
    python(cosine_similarity_sparse),
)
for _function2 in (cosine_similarity, cosine_distance, euclidean_distance, dot_product):
    _arrays = "array(double), array(double)"
    scalar(_function2.__name__, _arrays, "double", python(_function2))
for _function3 in (normal_cdf, inverse_normal_cdf, beta_cdf, inverse_beta_cdf):
    scalar(_function3.__name__, "double, double, double", "double", python(_function3))
for _function4 in (t_pdf, t_cdf):
    scalar(_function4.__name__, "double, integer", "double", python(_function4))
for _function5 in (wilson_interval_lower, wilson_interval_upper):
    scalar(_function5.__name__, "bigint, bigint, double", "double", python(_function5))
