"""Seeds and bucket names follow from the student and the lab."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from grader.student import bucket_name, seed

ACCOUNT = "123456789012"


def test_the_same_student_draws_the_same_numbers_and_another_one_others():
    assert seed("01-data-lake", "ann") == seed("01-data-lake", "ann")
    assert seed("01-data-lake", "ann") != seed("01-data-lake", "bob")
    assert seed("01-data-lake", "ann") != seed("02-glue", "ann")


def test_bucket_names_as_people_read_them():
    assert bucket_name("01-data-lake", ACCOUNT, "") == f"lab-01-data-lake-{ACCOUNT}"
    assert bucket_name("01-data-lake", ACCOUNT, "ann") == f"lab-01-data-lake-{ACCOUNT}-ann"


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_student_id_gives_a_valid_bucket_of_its_own(one, other):
    first, second = bucket_name("01-x", ACCOUNT, one), bucket_name("01-x", ACCOUNT, other)
    assert re.fullmatch(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]", first)
    assert (first == second) == (one == other)
