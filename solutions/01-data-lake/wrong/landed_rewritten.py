"""pandas reads the file and writes it again: NA becomes nothing, 517 becomes 517.0."""

import io
from typing import Any

import pandas as pd
from solution_steps import land, make_bucket

CHECK = "landed"
MESSAGE = "was rewritten on its way"


def answer(lab: Any) -> None:
    """Land what pandas makes of the file."""
    make_bucket(lab)
    land(lab, body=lambda b: pd.read_csv(io.BytesIO(b)).to_csv(index=False).encode())
