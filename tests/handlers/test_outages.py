"""A bot that was away tells those who may have pressed in vain."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from storage import upkeep
from storage.upkeep import Mark
from tests.handlers.test_attendance import opened
from tests.town import Town


def test_after_an_outage_the_group_and_who_was_typing_are_asked_to_press_again(town: Town) -> None:
    group = town.group()
    opened(town, group)
    town.huong.send("/gopy")
    town.huong.wait_for("góp ý")
    town.close()
    before = datetime.now(UTC) - timedelta(minutes=7)
    town.database.run(lambda s: upkeep.note(s, Mark.HEARD, now=before))
    town.open()
    said = group.wait_for("Bot vừa bị gián đoạn 7 phút.")
    assert "xin bấm lại. Những gì đã ghi vẫn còn đủ." in said.text
    town.huong.wait_for("Nếu nút đã bấm chưa có trả lời, xin bấm lại.")
    town.world.settle()
    assert "gián đoạn" not in town.giang.transcript(), "she was in the middle of nothing"


@pytest.mark.parametrize("dialect", ["sqlite"])
@pytest.mark.parametrize(
    ("away", "words"),
    [
        (timedelta(minutes=119), "119 phút."),
        (timedelta(hours=9), "9 giờ."),
        (timedelta(days=3), "3 ngày."),
    ],
)
def test_a_long_outage_is_told_in_hours_or_days(town: Town, away: timedelta, words: str) -> None:
    group = town.group()
    opened(town, group)
    town.close()
    before = datetime.now(UTC) - away
    town.database.run(lambda s: upkeep.note(s, Mark.HEARD, now=before))
    town.open()
    group.wait_for(f"Bot vừa bị gián đoạn {words}")
