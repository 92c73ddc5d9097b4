"""What we owe people and have not yet sent: one row for each notice and recipient.

A row is written in the transaction of the change that causes it and holds facts, not text; the
words are found when it is sent (`@notice` of `handlers/kit.py`). `(kind, subject, revision,
recipient)` is unique, so enqueueing twice is once. The states:

    queued -> leased -> sending -> sent
       ^        |          +-> queued          429, or surely not sent: later, no attempt used
       |        |          +-> blocked | dead  refused for good, with its reason
       +- lease +          +-> unknown         no way to know whether it arrived
    any unsent -> cancelled | expired

`sending` is committed before the socket is touched. What becomes of `unknown` depends on the
class: *once* is never sent again by itself and is listed as uncertain; a *reminder* is sent once
more and says so; an *idempotent* call (an edit) is simply made again.

A *standing* message (the live card of a roll call) is a single row that is sent once and edited
from then on: `refresh` marks it as out of date, and however often that happens, only the newest
state is sent.
"""

from storage.outbox.attending import (
    FAILED,
    at,
    attended,
    close,
    doubtful,
    in_time,
    listing,
    prove,
    resend,
    resend_all,
    uncertain,
)
from storage.outbox.owing import (
    Waiting,
    cancel,
    counts,
    enqueue,
    hasten,
    next_due,
    numbers,
    postpone,
    refresh,
    retire,
    standing,
    to_account,
    to_group,
    to_person,
    waiting,
)
from storage.outbox.polled import SentPoll, count, counted
from storage.outbox.rows import (
    ANSWER,
    HELD,
    LEASE,
    NOTICE,
    PRIORITIES,
    REPEAT_AFTER,
    STANDING_PACE,
    UNSENT,
    URGENT,
    Arrived,
    Claimed,
    Class,
    Notice,
    State,
)
from storage.outbox.sending import (
    begin,
    claim,
    give_up,
    hold,
    recover,
    settle_cancelled,
    settle_gone,
    settle_later,
    settle_refused,
    settle_sent,
    settle_unknown,
)

__all__ = [
    "ANSWER",
    "FAILED",
    "HELD",
    "LEASE",
    "NOTICE",
    "PRIORITIES",
    "REPEAT_AFTER",
    "STANDING_PACE",
    "UNSENT",
    "URGENT",
    "Arrived",
    "Claimed",
    "Class",
    "Notice",
    "SentPoll",
    "State",
    "Waiting",
    "at",
    "attended",
    "begin",
    "cancel",
    "claim",
    "close",
    "count",
    "counted",
    "counts",
    "doubtful",
    "enqueue",
    "give_up",
    "hasten",
    "hold",
    "in_time",
    "listing",
    "next_due",
    "numbers",
    "postpone",
    "prove",
    "recover",
    "refresh",
    "resend",
    "resend_all",
    "retire",
    "settle_cancelled",
    "settle_gone",
    "settle_later",
    "settle_refused",
    "settle_sent",
    "settle_unknown",
    "standing",
    "to_account",
    "to_group",
    "to_person",
    "uncertain",
    "waiting",
]
