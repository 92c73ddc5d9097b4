"""Groups: whose they are, how members get from there to the private chat, and moving house."""

from __future__ import annotations

import pytest
from sqlmodel import select

from bot.simulator.client import Group
from storage import groups
from storage.groups import Group as Row
from tests.town import BRANCH_1, BRANCH_2, Town, unit_id


def new_group(town: Town, by: str) -> Group:
    group = town.world.group("Nhóm", members=list(town.people.values()))
    group.add_bot(by=town.people[by])
    return group


def linked(town: Town, group: Group) -> int | None:
    row = town.database.run(lambda s: groups.at(s, group.chat_id))
    return row.unit_id if row else None


def branch(town: Town, path: str = BRANCH_1) -> int:
    return town.database.run(lambda s: unit_id(s, path))


def test_the_bot_asks_whose_group_it_is(town: Town) -> None:
    group = new_group(town, "an")
    asked = group.wait_for("Nhóm này của chi bộ nào?")
    assert asked.buttons == ["Chi bộ 1", "Tổ 1", "Tổ 2"]
    town.an.press("Chi bộ 1", chat=group)
    shown = group.wait_for("Đây là nhóm của Chi bộ 1")
    assert shown.button("Khai báo").url == "https://t.me/chibo_bot"
    assert linked(town, group) == branch(town)


def test_a_member_who_adds_the_bot_is_told_who_can_answer(town: Town) -> None:
    group = new_group(town, "huong")
    asked = group.wait_for("gõ /lienket")
    assert "Chi bộ 1" not in str(asked)
    town.lan.send("/lienket", chat=group)
    group.wait_for("Đây là nhóm của Chi bộ 2")
    assert linked(town, group) == branch(town, BRANCH_2)


def test_a_forged_answer_links_nothing(town: Town) -> None:
    group = new_group(town, "an")
    asked = group.wait_for("Nhóm này của chi bộ nào?")
    town.an.press_data(asked, f"linkgroup:{branch(town, BRANCH_2)}", chat=group)
    town.huong.press_data(asked, f"linkgroup:{branch(town)}", chat=group)
    town.world.settle()
    assert linked(town, group) is None


def test_another_branch_cannot_take_a_group_over(town: Town) -> None:
    group = new_group(town, "an")
    group.wait_for("Nhóm này của chi bộ nào?")
    town.an.press("Chi bộ 1", chat=group)
    group.wait_for("Đây là nhóm của Chi bộ 1")
    town.lan.send("/link", chat=group)
    town.world.settle()
    assert linked(town, group) == branch(town)


def test_a_hidden_admin_is_asked_to_show_themselves(town: Town) -> None:
    group = new_group(town, "an")
    group.wait_for("Nhóm này của chi bộ nào?")
    group.mark()
    group.send_anonymously("/lienket")
    group.wait_for("ẩn danh")
    assert linked(town, group) is None


def test_the_unit_is_told_once_in_private_when_the_bot_is_removed(town: Town) -> None:
    group = town.group()
    group.kick_bot(by=town.huong)
    for name in ("an", "binh", "chi"):
        town.people[name].wait_for("đã bị đưa ra khỏi nhóm của Chi bộ 1")
    town.world.settle()
    told = [each for each in town.an.messages() if "đưa ra khỏi nhóm" in each.text]
    assert len(told) == 1
    assert "đưa ra khỏi" not in town.huong.transcript()
    assert linked(town, group) == branch(town)


def test_the_unit_is_told_when_the_bot_is_silenced(town: Town) -> None:
    group = town.group()
    group.silence_bot(by=town.an)
    town.an.wait_for("không còn được viết trong nhóm của Chi bộ 1")


def test_a_bot_that_comes_back_knows_the_group(town: Town) -> None:
    group = town.group()
    group.kick_bot(by=town.an)
    town.an.wait_for("đã bị đưa ra khỏi nhóm")
    group.mark()
    group.add_bot(by=town.huong)
    group.wait_for("Đây là nhóm của Chi bộ 1")


@pytest.mark.parametrize("new_first", [False, True])
def test_a_group_that_becomes_a_supergroup_keeps_its_unit(town: Town, new_first: bool) -> None:
    old = town.group()
    new = old.migrate(new_first=new_first)
    town.world.settle()
    rows = town.database.run(lambda s: s.exec(select(Row)).all())
    assert [(each.chat_id, each.unit_id, each.left_at) for each in rows] == [
        (new.chat_id, branch(town), None)
    ]
    town.an.send("/trogiup", chat=new)
    new.wait_for("điểm danh")
    assert "đưa ra khỏi nhóm" not in town.an.transcript()


def test_link_in_the_private_chat_says_where_it_belongs(town: Town) -> None:
    town.an.send("/lienket")
    town.an.wait_for("dùng trong nhóm")


def test_the_menus_stand_when_the_bot_has_started(town: Town) -> None:
    town.world.settle()
    assert "trogiup" in town.huong.menu
    assert "quanly" not in town.huong.menu
    assert "help" in town.world.commands("all_private_chats", "en")
    assert "trogiup" in town.world.commands("all_group_chats")
