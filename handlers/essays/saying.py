"""How an essay is put into words: what is asked for, the receipt, where it stands."""

from __future__ import annotations

from handlers.text import Day, Moment, Text, Words, _
from storage.campaigns import Campaign
from storage.essays import Essay, EssayCall

DIGITS = 12  # of the digest, on a receipt


def head(campaign: Campaign) -> Text:
    """The first line of every screen."""
    return _("<b>ESSAY</b> · {campaign}", campaign=campaign.name)


def asked(call: EssayCall) -> list[Words]:
    """What about, and until when."""
    return [
        _("Topic: {topic}", topic=call.topic),
        _("To be handed in by: {day}", day=Day(call.due)),
    ]


def receipt(call: EssayCall, essay: Essay, files: int) -> list[Words]:
    """What somebody who has handed in may show."""
    at = Moment(essay.sent_at)
    in_time = _("RECEIPT no. {number}, {at}, in time", number=essay.number, at=at)
    late = _("RECEIPT no. {number}, {at}, LATE", number=essay.number, at=at)
    return [
        late if call.late(essay.sent_at) else in_time,
        _("{letters} letters, {files} files", letters=len(essay.text), files=files),
        _("Code: {code}", code=essay.digest[:DIGITS]),
    ]


def standing(essay: Essay) -> Text:
    """Where it is, for its author."""
    if essay.seen_at is not None:
        return _("Seen by the committee, {at}.", at=Moment(essay.seen_at))
    if essay.opened_at is not None:
        return _("The committee has opened it.")
    return _("Not opened by the committee yet: you can take it back.")
