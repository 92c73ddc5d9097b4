"""Tasks: what a meeting resolved, who is to do it and by when, and the word that says it is done.

Everybody sees their own under [Việc của tôi]; the committee sees its unit's. What is not done
opens the next agenda (`unfinished`).

`tables` has the row, `giving` what the committee resolves and changes, `doing` what comes of it,
`reminding` what happens by itself, `finding` answers questions. Other floors import from here.
"""

from storage.tasks.doing import done, reopen
from storage.tasks.finding import (
    as_told,
    away,
    done_lately,
    for_owner,
    from_form,
    is_mine,
    managed_task,
    of_meeting,
    open_for,
    open_number,
    overdue,
    owners,
    resolved,
    seated,
    unfinished,
)
from storage.tasks.giving import drop, give, hand_over, move, set_tells
from storage.tasks.reminding import (
    DONE,
    DROPPED,
    GIVEN,
    MOVED,
    OVERDUE,
    REMINDER,
    REOPENED,
    TOLD,
    day_there,
    digest,
    remind,
    tell_overdue,
)
from storage.tasks.tables import (
    TEXT_LIMIT,
    Task,
    check_due,
    check_text,
    check_word,
)

__all__ = [
    "DONE",
    "DROPPED",
    "GIVEN",
    "MOVED",
    "OVERDUE",
    "REMINDER",
    "REOPENED",
    "TEXT_LIMIT",
    "TOLD",
    "Task",
    "as_told",
    "away",
    "check_due",
    "check_text",
    "check_word",
    "day_there",
    "digest",
    "done",
    "done_lately",
    "drop",
    "for_owner",
    "from_form",
    "give",
    "hand_over",
    "is_mine",
    "managed_task",
    "move",
    "of_meeting",
    "open_for",
    "open_number",
    "overdue",
    "owners",
    "remind",
    "reopen",
    "resolved",
    "seated",
    "set_tells",
    "tell_overdue",
    "unfinished",
]
