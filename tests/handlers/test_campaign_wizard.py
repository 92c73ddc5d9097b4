"""A campaign from the first press to the first lesson, and what may become of it."""

from __future__ import annotations

import itertools
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, col, select
from telegram import MessageEntity, Update

from bot.app import FEATURES
from handlers.campaigns.marking import pieces
from handlers.dispatch import Conversation
from handlers.kit import House
from storage import drafts
from storage.campaigns import Campaign, Lesson, LessonPart
from tests.handlers.test_campaigns import take
from tests.town import ACCOUNTS, NOON, Town


def wizard(town: Town) -> None:
    """An goes as far as the lessons."""
    an = town.an
    an.send("/chiendich")
    an.press("Chiến dịch mới", an.wait_for("Chiến dịch học tập"))
    an.wait_for("bước 1/5")
    an.send("Học tập mùa thu")
    an.wait_for("bước 2/5")
    an.press("Bỏ qua")
    an.wait_for("bước 3/5")
    an.send("3/8 - 12/8")
    an.wait_for("bước 4/5")
    an.press("Ngày mở, ngày hạn")
    an.wait_for("bước 5/5")


def made(town: Town) -> tuple[Campaign, list[Lesson], list[LessonPart]]:
    def look(session: Session) -> tuple[Campaign, list[Lesson], list[LessonPart]]:
        campaign = session.exec(select(Campaign)).one()
        found = session.exec(select(Lesson).order_by(col(Lesson.place))).all()
        parts = session.exec(select(LessonPart).order_by(col(LessonPart.id))).all()
        session.expunge_all()
        return campaign, list(found), list(parts)

    return town.database.run(look)


def test_the_secretary_makes_a_campaign_in_five_steps_and_members_study_it(town: Town) -> None:
    wizard(town)
    an = town.an
    bold = [{"type": "bold", "offset": 0, "length": 7}]
    an.send_fields({"text": "Bài một <đọc> kỹ", "entities": bold})
    an.wait_for("Bài 1: Bài một")
    an.press("Thêm vào bài này")
    an.wait_for("Tin gửi tiếp sẽ thuộc bài này.")
    an.send_document("huong-dan.pdf", b"%PDF-1.4")
    an.wait_for("2 phần")
    an.press("Sang bài mới")
    an.wait_for("Tin gửi tiếp là bài sau.")
    an.send("Bài hai")
    an.wait_for("Bài 2: Bài hai")
    an.press("Đã đủ bài")
    shown = an.wait_for("3/8/2026 – 12/8/2026")
    assert "Học tập mùa thu · Chi bộ 1 · 7 người" in shown.text
    assert "Nhắc: khi mở bài và ngày hạn" in shown.text
    assert len(shown.text.splitlines()) <= 6
    an.press("Bắt đầu")
    an.wait_for("Học tập mùa thu đã bắt đầu.")
    an.press_data(shown, shown.button("Bắt đầu").data or "")
    town.world.settle()
    campaign, lessons, parts = made(town)
    assert (campaign.starts, campaign.ends) == (date(2026, 8, 3), date(2026, 8, 12))
    assert [each.due for each in lessons] == [date(2026, 8, 7), date(2026, 8, 12)]
    assert parts[0].html == "<b>Bài một</b> &lt;đọc&gt; kỹ"
    town.huong.send("/hoctap")
    town.huong.press("Bài 1 · hạn 7/8", town.huong.wait_for("Học tập mùa thu"))
    opened = town.huong.wait_for("Bài một <đọc> kỹ")
    assert "<b>Bài một</b>" in opened.html
    assert town.huong.wait_for(lambda message: message.document is not None)


def test_a_form_of_a_campaign_survives_a_restart_and_can_be_left(town: Town) -> None:
    wizard(town)
    town.close()
    town.open()
    town.an.send("Bài một")
    town.an.wait_for("Bài 1: Bài một")
    town.an.send("/huy")
    town.world.settle()
    town.an.send("Bài hai")
    town.world.settle()
    assert town.database.run(lambda s: s.exec(select(Campaign)).all()) == []


def test_days_that_cannot_be_are_told_and_asked_again(town: Town) -> None:
    town.an.send("/chiendich")
    town.an.press("Chiến dịch mới", town.an.wait_for("Chiến dịch học tập"))
    town.an.wait_for("bước 1/5")
    town.an.send("Đợt")
    town.an.wait_for("bước 2/5")
    town.an.press("Bỏ qua")
    town.an.wait_for("bước 3/5")
    town.an.send("12/8 - 3/8")
    town.an.wait_for("Ngày kết thúc không thể trước ngày bắt đầu.")
    town.an.send("3/8")
    town.an.wait_for("Đến ngày nào?")
    town.an.press("Trong 60 ngày")
    town.an.wait_for("bước 4/5")


def test_a_change_is_shown_back_before_it_is_written(town: Town, tmp_path: Path) -> None:
    take(town, tmp_path)
    an = town.an
    an.send("/chiendich")
    an.press("Học tập Chỉ thị 01", an.wait_for("Chiến dịch học tập"))
    an.press("Điều chỉnh", an.wait_for("1/8 – 31/8"))
    an.press("Đổi ngày cuối", an.wait_for("đang diễn ra"))
    an.wait_for("Gõ ngày khác")
    an.send("20/8")
    shown = an.wait_for("thành thứ Năm 20/8/2026?")
    assert made(town)[0].ends == date(2026, 8, 31)
    an.press("Đúng, ghi lại", shown)
    an.press("Tạm dừng đợt", an.wait_for("1/8 – 20/8"))
    an.press("Tạm dừng đợt", an.wait_for("Tạm dừng?"))
    an.wait_for("Đang tạm dừng")
    assert made(town)[0].paused_at is not None
    an.press("Làm lại năm ngoái")
    an.press("Bắt đầu", an.wait_for("1/8/2027 – 20/8/2027"))
    an.wait_for("chưa bắt đầu")


def test_a_member_stops_the_reminders(town: Town, tmp_path: Path) -> None:
    take(town, tmp_path)
    town.huong.send("/hoctap")
    town.huong.press("Dừng nhắc", town.huong.wait_for("Học tập Chỉ thị 01"))
    town.huong.press("Đợt này", town.huong.wait_for("Bí thư chỉ thấy"))
    shown = town.huong.wait_for("Học tập Chỉ thị 01")
    assert "Nhắc tôi lại" in shown.buttons
    town.an.send("/chiendich")
    town.an.press("Học tập Chỉ thị 01", town.an.wait_for("Chiến dịch học tập"))
    town.an.press("Chưa xong (7)", town.an.wait_for("1/8 – 31/8"))
    town.an.press("›", town.an.wait_for("chưa xong: 7"))
    town.an.wait_for("Nguyễn Thị Hương · 0/2 · không nhận nhắc")


def test_a_voice_that_is_sent_is_a_lesson_and_goes_out_by_its_number(
    session: Session, cast: dict[str, int]
) -> None:
    talk, numbers = Conversation(FEATURES, House()), itertools.count(1)

    def hear(name: str, **what: Any) -> list[dict[str, Any]]:
        who = {"id": ACCOUNTS[name], "is_bot": False, "first_name": "?"}
        chat = {"id": ACCOUNTS[name], "type": "private", "first_name": "?"}
        message = {"message_id": 8, "date": 1, "chat": chat}
        if "data" in what:
            press = {"id": "1", "from": who, "chat_instance": "1", "message": message, **what}
            told: dict[str, Any] = {"callback_query": press}
        else:
            told = {"message": {**message, "from": who, **what}}
        update = Update.de_json({"update_id": next(numbers), **told}, None)
        return talk.handle(session, update, now=NOON)

    hear("an", data="campaign_new")
    for typed in ("Đợt học", "CT 01", "3/8 - 12/8", "19:30"):
        hear("an", text=typed)
    voice = {"file_id": "V1", "file_unique_id": "U1", "duration": 180}
    hear("an", voice=voice, caption="Nghe bài nói")
    form = drafts.open_draft(session, ACCOUNTS["an"], now=NOON)
    assert form is not None
    hear("an", data=f"campaign_set:{form.data['token']}:ready:-")
    hear("an", data=f"campaign_begin:{form.data['token']}")
    lesson = session.exec(select(Lesson)).one()
    assert (lesson.title, lesson.minutes) == ("Nghe bài nói", 3)
    said = hear("huong", data=f"lesson:{lesson.id}:0")
    sent = [each for each in said if each["do"] == "stored"]
    assert [(each["kind"], each["file_id"]) for each in sent] == [("voice", "V1")]
    assert hear("huong", voice=voice) == []  # it waits for nothing


def mark(kind: str, offset: int, length: int, url: str | None = None) -> MessageEntity:
    return MessageEntity(kind, offset, length, url=url)


@pytest.mark.parametrize(
    ("text", "marks", "said"),
    [
        ("a <b> & c", [], "a &lt;b&gt; &amp; c"),
        ("🎉 đậm", [mark("bold", 3, 3)], "🎉 <b>đậm</b>"),
        ("abc", [mark("bold", 0, 2), mark("italic", 1, 2)], "<b>a<i>b</i></b>c"),
        ("abc", [mark("bold", 0, 3), mark("italic", 0, 1)], "<b><i>a</i>bc</b>"),
        ("x", [mark("text_link", 0, 1, 'https://a.vn/?"b')], '<a href="https://a.vn/?&quot;b">x</a>'),
        ("x", [mark("text_link", 0, 1, "tg://user?id=1")], "x"),
        ("x", [mark("text_link", 0, 1, "javascript:1")], "x"),
        ("@x", [mark("mention", 0, 2)], "@x"),
    ],
)  # fmt: skip
def test_what_people_format_is_kept_and_safe(
    text: str, marks: list[MessageEntity], said: str
) -> None:
    assert pieces(text, marks) == [said]


def test_a_long_text_becomes_pieces_that_are_closed_in_themselves() -> None:
    text = "đoạn văn dài. " * 500
    found = pieces(text, [mark("bold", 0, len(text))])
    assert len(found) == 3
    assert all(each.startswith("<b>") and each.endswith("</b>") for each in found)
