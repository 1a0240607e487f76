"""Reads the tables of this export with the types that codebook.csv states.

    from read_export import read_table
    answers = read_table("answers")

Plain pandas.read_csv takes a comment "NA" for a missing value and an apostrophe that guards a formula for text; this
does not. Empty cells are missing.
"""

from pathlib import Path

import pandas

TYPES = {"integer": "Int64", "number": "Float64", "boolean": "boolean", "code": "string", "text": "string"}


def read_table(name: str, folder: str | Path = ".") -> pandas.DataFrame:
    """One table as a pandas.DataFrame."""
    book = pandas.read_csv(Path(folder, "codebook.csv"), dtype=str)
    book = book[book["table"] == name]
    path = Path(folder, "data", f"table-{name}_data.csv")
    table = pandas.read_csv(path, dtype=str, keep_default_na=False, na_values=[""])
    for column, kind in zip(book["column"], book["type"], strict=True):
        if kind == "datetime":
            table[column] = pandas.to_datetime(table[column], utc=True)
        elif kind == "boolean":
            table[column] = table[column].map({"true": True, "false": False}).astype("boolean")
        else:
            cells = table[column].str.removeprefix("'") if kind in ("text", "code") else table[column]
            table[column] = cells.astype(TYPES[kind])
    return table
