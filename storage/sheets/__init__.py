"""People's tables: reading what they send without trusting it, writing what they download.

`read_table` turns a CSV or XLSX file into rows of clean text or raises `SheetError` with every
problem found, each naming file, row and column; `values` turns cells into dates, numbers and
telephones; `writing` makes files in which text stays text.
"""

from storage.sheets.problems import (
    MAX_PROBLEMS,
    AllProblems,
    BadValue,
    Problem,
    Problems,
    SheetError,
    fill,
    whole_file,
)
from storage.sheets.table import (
    Column,
    Row,
    Table,
    check_size,
    file_name,
    read_one_of,
    read_rows,
    read_table,
)
from storage.sheets.values import parse_date, parse_phone, parse_telegram_id
from storage.sheets.writing import Cell, Percent, Sheet, write_csv, write_xlsx

__all__ = [
    "MAX_PROBLEMS",
    "AllProblems",
    "BadValue",
    "Cell",
    "Column",
    "Percent",
    "Problem",
    "Problems",
    "Row",
    "Sheet",
    "SheetError",
    "Table",
    "check_size",
    "file_name",
    "fill",
    "parse_date",
    "parse_phone",
    "parse_telegram_id",
    "read_one_of",
    "read_rows",
    "read_table",
    "whole_file",
    "write_csv",
    "write_xlsx",
]
