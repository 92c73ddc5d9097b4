"""Minutes: what a meeting's say, who confirms them, how they become final, what is mended after.

`tables` has the rows, `facts` gathers what the document says, `confirming` is the way from draft
to final, `taking` gives the document to those who may have it, `forms` what it is made from. Other
floors import from here.
"""

from storage.minutes.confirming import (
    CONFIRM,
    CONFIRMED,
    OBJECTION,
    PARTS,
    Signer,
    Standing,
    check_text,
    confirm,
    correct,
    finalise,
    for_signer,
    may_read,
    object_to,
    send,
    standing,
    told,
)
from storage.minutes.facts import (
    Away,
    Correction,
    Item,
    MinutesFacts,
    Resolved,
    corrections,
    digest,
    facts_of,
)
from storage.minutes.forms import drop_form, form_desk, form_for, keep_form
from storage.minutes.tables import Confirmation, Erratum, Final, Template
from storage.minutes.taking import Document, take_away

__all__ = [
    "CONFIRM",
    "CONFIRMED",
    "OBJECTION",
    "PARTS",
    "Away",
    "Confirmation",
    "Correction",
    "Document",
    "Erratum",
    "Final",
    "Item",
    "MinutesFacts",
    "Resolved",
    "Signer",
    "Standing",
    "Template",
    "check_text",
    "confirm",
    "correct",
    "corrections",
    "digest",
    "drop_form",
    "facts_of",
    "finalise",
    "for_signer",
    "form_desk",
    "form_for",
    "keep_form",
    "may_read",
    "object_to",
    "send",
    "standing",
    "take_away",
    "told",
]
