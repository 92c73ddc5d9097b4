"""Quorum on the committee's screens: enough or not, how many votes, and why."""

from __future__ import annotations

import pytest
from sqlmodel import Session

from handlers.quorum import come_line, votes_line
from handlers.text import Reader
from storage import roster, rules
from storage.quorum import Coming, Votes
from storage.rules import Rule
from tests.handlers.test_attendance import NOT_FOR_YOU, evening, opened
from tests.town import BRANCH_1, NOON, Town

VI = Reader("vi")


@pytest.mark.parametrize(
    ("present", "convened", "bar", "said"),
    [
        (171, 200, 66.67, "Đủ số người: 171/200 (85,5%), cần 134."),
        (133, 200, 66.67, "CHƯA đủ số người: 133/200 (66,5%), cần 134."),
        (171, 200, None, "Có mặt 171/200 (85,5%), không đặt mức tối thiểu."),
        (0, 0, 50, "CHƯA đủ số người: 0/0 (0%), cần 0."),
    ],
)
def test_whether_enough_are_here_is_said(
    present: int, convened: int, bar: float | None, said: str
) -> None:
    assert VI.plain(come_line(Coming(present, convened, Rule("quorum.regular", bar)))) == said


@pytest.mark.parametrize(
    ("entitled", "bar", "said"),
    [
        (170, 50, "Thông qua: quá nửa số đảng viên có quyền, 86 trên 170."),
        (6, 66.67, "Thông qua: quá 66,67% số đảng viên có quyền, 5 trên 6."),
        (0, 50, "Chưa có ai có quyền biểu quyết có mặt."),
    ],
)
def test_how_many_votes_decide_is_said(entitled: int, bar: float, said: str) -> None:
    assert VI.plain(votes_line(Votes(entitled, 0, 0, Rule("decision.above", bar)))) == said


def test_the_committee_sees_it_in_the_room_and_why(town: Town) -> None:
    group = town.group()
    meeting_id, card = opened(town, group)
    panel = town.an.wait_for("Chưa 7")

    def bar(session: Session) -> None:
        unit = roster.unit_at(session, BRANCH_1)
        rules.set_own(session, "party", "quorum.regular", unit, 50, by=None, now=NOON)

    town.database.run(bar)
    for name in ("an", "giang", "khanh"):
        town.people[name].press("Tôi có mặt", card)
    town.an.press_data(panel, f"hub:{meeting_id}:during")
    town.an.wait_for("CHƯA đủ số người: 3/7 (42,9%), cần 4.")
    town.people["huong"].press("Tôi có mặt", card)
    town.an.press("Số người, phiếu")
    shown = town.an.wait_for("Đủ số người: 4/7 (57,1%), cần 4.")
    assert "Thông qua: quá nửa số đảng viên có quyền, 3 trên 4." in shown.text
    town.an.press("Vì sao? (dự họp)")
    reasons = town.an.wait_for("Triệu tập 7: có mặt 4, vắng có lý do 0, còn lại 3.")
    assert "Họp thường kỳ: có mặt ít nhất: 50%.\nDo đơn vị đặt, từ 3/8/2026." in reasons.text
    town.an.press("‹ Quay lại")
    town.an.wait_for("SỐ NGƯỜI, SỐ PHIẾU · Họp 3/8")
    town.an.press("Vì sao? (phiếu)")
    votes = town.an.wait_for("Đang dự 4: có quyền biểu quyết 4, không có quyền 0.")
    assert "Thông qua khi tán thành quá: 50%." in votes.text


def test_nobody_outside_the_committee_sees_it(town: Town) -> None:
    meeting_id, _card = opened(town, town.group())
    evening(town, 1)
    town.lan.send("/quanly")
    here = town.lan.wait_for("Quản lý")
    for data in (f"quorum:{meeting_id}", f"quorum_why:{meeting_id}:votes"):
        assert town.lan.press_data(here, data).text == NOT_FOR_YOU
