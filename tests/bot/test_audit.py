"""The audit of a running bot: written with the act, sealed a moment later."""

from __future__ import annotations

import time

from sqlmodel import Session, col, select

from storage import audit
from storage.audit import Deed
from tests.town import OWNER, Town


def sealed(town: Town, count: int) -> list[Deed]:
    """The entries, the oldest first, when so many have their places."""

    def look(session: Session) -> list[Deed]:
        return list(session.exec(select(Deed).order_by(col(Deed.id))).all())

    deadline = time.monotonic() + 15
    while True:
        found = town.database.run(look)
        if [each.number for each in found] == list(range(1, count + 1)):
            return found
        assert time.monotonic() < deadline, [(each.did, each.number) for each in found]
        time.sleep(0.1)


def test_what_the_owner_and_a_member_do_is_sealed_by_the_running_bot(town: Town) -> None:
    group = town.world.group("Nhóm", members=list(town.people.values()))
    group.add_bot(by=town.quyen)
    group.wait_for("Nhóm này của chi bộ nào?")
    town.quyen.press("Chi bộ 2", chat=group)
    group.wait_for("Đây là nhóm của Chi bộ 2")
    town.oanh.send("/lienket", chat=group)
    town.oanh.press("Chi bộ 1", group.wait_for("Nhóm này của chi bộ nào?"), chat=group)
    group.wait_for("Đây là nhóm của Chi bộ 1")
    first, second = sealed(town, 2)
    owner = town.database.run(lambda session: audit.account(session, OWNER)) or ""
    assert (first.did, first.actor) == ("group.link", owner.replace("account", "owner"))
    assert (second.did, second.actor) == ("group.link", f"person:{town.ids['oanh']}")
    assert second.details == {"before": first.about["unit"]}
    assert town.database.run(audit.verify).fault is None


def test_a_link_that_is_made_in_the_chat_leaves_one_entry(town: Town) -> None:
    town.an.send("/danhsach")
    town.an.wait_for("Chi bộ 1")
    town.an.press("1")
    town.an.press("Liên kết mới")
    town.an.wait_for("dùng một lần")
    (entry,) = sealed(town, 1)
    assert (entry.did, entry.actor) == ("link.make", f"person:{town.ids['an']}")
