"""Standing messages and groups: edited where they stand, sent anew where they are gone."""

from __future__ import annotations

import httpx
import pytest
from sqlmodel import Session, select

from bot.simulator.client import Group
from handlers.kit import Say
from storage import groups, outbox
from storage.outbox import Class, Notice, State
from tests.bot.post import AGAIN, Post
from tests.town import BRANCH_1, Town, unit_id


class Card:
    """A standing message in the group of Chi bộ 1, whose words a test can change."""

    def __init__(self, town: Town) -> None:
        self.town, self.post = town, Post(town)
        self.group: Group = town.group()
        self.text = "0/9"
        self.post.words = lambda note: Say(self.text)

    def stand(self, klass: Class = Class.REMINDER) -> Notice:
        self.post.owe_group(self.group.chat_id, klass=klass, standing=True)
        (row,) = self.post.until_settled()
        return row

    def change(self, text: str) -> Notice:
        """Shows something else; returns the row when that has been settled."""
        self.text = text
        self.post.refresh()
        (row,) = self.post.until_settled()
        return row

    def delete(self, message_id: int | None) -> None:
        """Somebody deletes the message."""
        world = self.town.world
        reply = httpx.post(
            f"{world.api_url}/bot{world.token}/deleteMessage",
            json={"chat_id": self.group.chat_id, "message_id": message_id},
        )
        assert reply.json()["result"] is True

    def shown(self, group: Group | None = None) -> list[str]:
        """The cards in the group, oldest first."""
        messages = (group or self.group).messages()
        return [each.text for each in messages if each.from_bot and "/9" in each.text]


@pytest.fixture
def card(town: Town) -> Card:
    made = Card(town)
    made.stand()
    return made


def test_a_card_is_edited_where_it_stands(card: Card) -> None:
    row = card.change("1/9")
    assert (row.state, card.shown()) == (State.SENT, ["1/9"])


def test_an_edit_that_changes_nothing_is_a_success(card: Card) -> None:
    row = card.change("0/9")
    assert (row.state, row.reason, card.shown()) == (State.SENT, None, ["0/9"])
    (edit,) = card.town.world.calls("editMessageText")
    assert "not modified" in edit.description


def test_an_uncertain_edit_is_made_again_until_it_is_certain(card: Card) -> None:
    troubles = ("502_before", "cut_after")
    for how in troubles:
        card.town.world.fail(how, method="editMessageText")
    card.text = "1/9"
    card.post.refresh()
    for number, _how in enumerate(troubles, 1):
        card.post.until(lambda each, number=number: each.unknowns == number)
        card.town.world.advance(seconds=70)
    (row,) = card.post.until_settled()
    assert (row.state, card.shown()) == (State.SENT, ["1/9"])


def test_a_card_that_somebody_deleted_is_sent_anew_once(card: Card) -> None:
    (first,) = card.post.rows()
    card.delete(first.message_id)
    row = card.change("1/9")
    assert (row.state, card.shown()) == (State.SENT, ["1/9"])
    assert row.message_id != first.message_id
    card.change("2/9")
    assert card.shown() == ["2/9"]


def test_a_card_sent_anew_without_an_answer_comes_once_more_and_says_so(card: Card) -> None:
    (first,) = card.post.rows()
    card.delete(first.message_id)
    card.town.world.fail("cut_after", method="sendMessage", times=9)
    card.text = "1/9"
    card.post.refresh()
    card.post.until(lambda each: each.unknowns == 1 and each.state == State.QUEUED)
    card.town.world.advance(seconds=60)
    (row,) = card.post.until_settled()
    row = card.change("2/9")
    assert (row.state, card.shown()) == (State.UNKNOWN, ["1/9", f"{AGAIN}\n1/9"])


def test_a_retired_card_that_is_gone_is_not_sent_anew(card: Card) -> None:
    (first,) = card.post.rows()
    card.delete(first.message_id)
    card.town.database.run(lambda s: outbox.retire(s, "test", "test:1", into="test"))
    card.town.world.advance(seconds=6)
    (row,) = card.post.until_settled()
    assert (row.state, row.reason) == (State.CANCELLED, "its message is gone")
    assert card.shown() == []


def test_a_card_stops_where_the_bot_was_removed(card: Card) -> None:
    card.group.kick_bot(by=card.town.an)
    row = card.change("1/9")
    assert row.state in (State.BLOCKED, State.DEAD)
    calls = len(card.town.world.calls("editMessageText"))
    card.change("2/9")
    card.town.world.settle()
    assert len(card.town.world.calls("editMessageText")) == calls
    card.town.huong.send("/help")
    card.town.huong.wait_for("Trợ giúp")


def test_a_card_stops_where_the_bot_is_silenced(card: Card) -> None:
    card.group.silence_bot(by=card.town.an)
    row = card.change("1/9")
    assert (row.state, card.shown()) == (State.DEAD, ["0/9"])
    assert "not enough rights" in (row.reason or "").lower()


class TestSupergroup:
    """A group becomes a supergroup and gets a new id."""

    @pytest.mark.parametrize("new_first", [False, True])
    def test_in_the_middle_of_a_broadcast_nothing_is_lost_or_doubled(
        self, town: Town, new_first: bool
    ) -> None:
        post, group = Post(town), town.group()
        post.words = lambda note: Say(note.notice.subject)
        holding = town.world.barrier("before", method="sendMessage")
        for number in range(3):
            post.owe_group(group.chat_id, klass=Class.ONCE, about=f"test:{number}")
        assert holding.reached()
        supergroup = group.migrate(new_first=new_first)
        holding.release()
        assert {each.state for each in post.until_settled()} == {State.SENT}
        texts = [each.text for each in supergroup.messages()]
        assert sorted(each for each in texts if "test" in each) == ["test:0", "test:1", "test:2"]
        town.world.settle()
        (row,) = town.database.run(lambda s: s.exec(select(groups.Group)).all())
        unit = town.database.run(lambda s: unit_id(s, BRANCH_1))
        assert (row.chat_id, row.unit_id, row.left_at) == (supergroup.chat_id, unit, None)

    def test_a_card_stands_anew_in_the_supergroup_and_is_edited_there(self, card: Card) -> None:
        supergroup = card.group.migrate()
        card.town.world.settle()
        card.change("1/9")
        row = card.change("2/9")
        assert (row.state, row.sent_to) == (State.SENT, supergroup.chat_id)
        assert card.shown(supergroup) == ["2/9"]

    def test_where_the_supergroup_has_been_linked_by_hand_the_old_group_is_let_go(
        self, card: Card
    ) -> None:
        def link(session: Session) -> None:
            row = groups.joined(session, supergroup.chat_id)
            row.unit_id = unit_id(session, BRANCH_1)
            session.add(row)

        card.town.close()
        supergroup = card.group.migrate()
        card.town.database.run(link)
        card.town.open()
        row = card.change("1/9")
        assert (row.state, row.reason) == (State.BLOCKED, "moved")
        assert len(card.town.world.calls("editMessageText")) == 1


def test_a_card_of_somebody_with_a_new_account_is_not_edited_in_the_old_one(town: Town) -> None:
    post = Post(town)
    texts = iter(["first", "second"])
    post.words = lambda note: Say(next(texts))

    def owe(session: Session) -> None:
        people = [outbox.to_person(town.ids["an"])]
        outbox.enqueue(
            session,
            "test",
            "test:1",
            people,
            klass=Class.REMINDER,
            now=town.world.now,
            standing=True,
        )

    def relink(session: Session) -> None:
        town.person(session, "an").telegram_id = town.xuan.id

    town.xuan.send("/help")
    town.database.run(owe)
    town.an.wait_for("first")
    post.until_settled()
    town.database.run(relink)
    post.refresh()
    town.xuan.wait_for("second")
    assert post.said_to("an") == ["first"]
