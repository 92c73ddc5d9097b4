"""Files of people: read, compared with the roll, shown, written all at once, undone for a day.

`columns` says what cells mean, `paths` which unit is meant, `planning` what would change,
`applying` changes it; `writing` keeps files and takes them back.
"""

from storage.roster_import.applying import apply
from storage.roster_import.columns import COLUMNS, KIND_WORDS, ROLE_WORDS
from storage.roster_import.planning import Change, Plan, may_grant, plan
from storage.roster_import.writing import (
    RosterFile,
    export_roster,
    give_up,
    import_roster,
    keep_file,
    kept_file,
    plan_kept,
    read_roster,
    undo,
    undoable,
    write_kept,
)

__all__ = [
    "COLUMNS",
    "KIND_WORDS",
    "ROLE_WORDS",
    "Change",
    "Plan",
    "RosterFile",
    "apply",
    "export_roster",
    "give_up",
    "import_roster",
    "keep_file",
    "kept_file",
    "may_grant",
    "plan",
    "plan_kept",
    "read_roster",
    "undo",
    "undoable",
    "write_kept",
]
