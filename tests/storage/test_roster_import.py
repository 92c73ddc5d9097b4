"""A roster file changes exactly what it says, all of it or nothing."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import event
from sqlmodel import Session, col, select

from storage import roster, roster_import, speakers
from storage.db import Database
from storage.errors import NotFound, Refusal
from storage.powers import Actor, Role
from storage.roster import Kind, Person, RoleGrant, Unit, in_force
from storage.roster_import import Plan, apply, plan, read_roster
from storage.sheets import SheetError
from tests.town import ACCOUNTS, BRANCH_1, BRANCH_2, NOON, PARTY

CHIEF = Actor(1, owner=True)
TODAY = NOON.date()
HEAD = (
    "Họ và tên;Đơn vị;Chức vụ;Loại;Ngày sinh;Ngày vào Đảng;Ngày chính thức;Số thẻ;"
    "Điện thoại;Nơi cư trú;Telegram ID"
)
FULL = (
    "Mai Thị Xuân;Đảng bộ X / Chi bộ 9 / Tổ 1;Bí thư;Dự bị;3/2/1980;19/5/2005;19/5/2006;"
    "12.345678;0912345678;Phường 4;777000777"
)


def planned(session: Session, *lines: str, by: Actor = CHIEF, head: str = HEAD) -> Plan:
    table = read_roster("\n".join([head, *lines]).encode(), "roster.csv")
    return plan(session, by, table, today=TODAY)


def wrote(session: Session, *lines: str, by: Actor = CHIEF, head: str = HEAD) -> Plan:
    made = planned(session, *lines, by=by, head=head)
    made.raise_any()
    apply(session, made, actor=by, now=NOON, today=TODAY)
    return made


def wrong(session: Session, *lines: str, by: Actor = CHIEF, head: str = HEAD) -> list[str]:
    """Row, column and the beginning of what is said, of each problem."""
    found = planned(session, *lines, by=by, head=head).problems
    return [
        f"{each.row} {each.column}: {each.message.format(**each.values)[:28]}" for each in found
    ]


def named(session: Session, full_name: str) -> Person:
    return session.exec(select(Person).where(Person.full_name == full_name)).one()


def roles(session: Session, person: Person) -> list[tuple[str, str]]:
    found = session.exec(
        select(RoleGrant.role, Unit.name)
        .join(Unit, col(Unit.id) == RoleGrant.unit_id)
        .where(RoleGrant.person_id == person.id, *in_force(TODAY))
    ).all()
    return sorted((str(role), unit) for role, unit in found)


def test_every_column_is_understood(session: Session) -> None:
    wrote(session, FULL)
    xuan = named(session, "Mai Thị Xuân")
    assert roster.unit_path(session, session.get_one(Unit, xuan.unit_id)) == (
        "Đảng bộ X / Chi bộ 9 / Tổ 1"
    )
    assert xuan.kind == Kind.PROBATIONARY
    assert (xuan.born, xuan.joined, xuan.official) == (
        date(1980, 2, 3),
        date(2005, 5, 19),
        date(2006, 5, 19),
    )
    assert (xuan.card, xuan.phone, xuan.residence) == ("12.345678", "+84912345678", "Phường 4")
    assert (xuan.telegram_id, xuan.consented_at) == (777000777, None)
    assert roles(session, xuan) == [("secretary", "Tổ 1")]


def test_english_headers_in_any_order_and_only_two_of_them_will_do(session: Session) -> None:
    made = wrote(session, "Chi bộ 9;Mai Thị Xuân", head="unit;full_name")
    assert len(made.new) == 1
    assert named(session, "Mai Thị Xuân").kind == Kind.OFFICIAL


def test_the_same_file_a_second_time_changes_nothing(session: Session) -> None:
    lines = [
        FULL,
        "Lý Văn Yên;Đảng bộ X / Chi bộ 9;;;;;;;;;",
        "Lý Văn Yên;Chi bộ 8;;;1/1/1990;;;;;;",
    ]
    wrote(session, *lines)
    again = planned(session, *lines)
    assert (again.new, again.changed, again.same, again.problems) == ([], [], 3, [])


def test_a_changed_cell_changes_and_an_empty_one_does_not(session: Session) -> None:
    wrote(session, FULL)
    made = wrote(session, "Mai Thị Xuân;Đảng bộ X / Chi bộ 9 / Tổ 1;;;;;;12.345678;0987654321;;")
    assert [change.fields for change in made.changed] == [{"phone": "+84987654321"}]
    xuan = named(session, "Mai Thị Xuân")
    assert (xuan.phone, xuan.residence, xuan.born) == (
        "+84987654321",
        "Phường 4",
        date(1980, 2, 3),
    )


def test_people_missing_from_the_file_are_left_alone_and_counted(
    session: Session, cast: dict[str, int]
) -> None:
    made = wrote(session, f"Nguyễn Văn An;{BRANCH_1};;;;;;;;;")
    assert (made.same, made.absent) == (1, 6)
    assert session.get_one(Person, cast["huong"]).ended is None


def test_a_changed_position_closes_the_old_role(session: Session, cast: dict[str, int]) -> None:
    wrote(session, f"Nguyễn Văn An;{BRANCH_1};Phó bí thư;;;;;;;;")
    an = session.get_one(Person, cast["an"])
    assert roles(session, an) == [("deputy", "Chi bộ 1")]
    wrote(session, f"Nguyễn Văn An;{BRANCH_1};Đảng viên;;;;;;;;")
    assert roles(session, an) == []


def test_a_position_held_elsewhere_stays(session: Session, cast: dict[str, int]) -> None:
    an = session.get_one(Person, cast["an"])
    above = roster.unit_at(session, PARTY)
    roster.give_role(session, an, above.id, Role.COMMITTEE, today=TODAY, by=None)
    wrote(session, f"Nguyễn Văn An;{BRANCH_1};Phó bí thư;;;;;;;;")
    assert roles(session, an) == [("committee", "Đảng bộ Sở Y tế"), ("deputy", "Chi bộ 1")]


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("chính thức", Kind.OFFICIAL),
        ("Du bi", Kind.PROBATIONARY),
        ("Sinh hoạt tạm thời", Kind.TEMPORARY),
        ("miễn", Kind.EXEMPT),
        ("213", Kind.LIAISON),
        ("Quần chúng ưu tú", Kind.CANDIDATE),
        ("candidate", Kind.CANDIDATE),
    ],
)
def test_kinds_are_read_in_both_languages(session: Session, word: str, kind: Kind) -> None:
    wrote(session, f"Mai Thị Xuân;Chi bộ 9;;{word};;;;;;;")
    assert named(session, "Mai Thị Xuân").kind == kind


# -- who is who --------------------------------------------------------------------------------


def test_a_card_recognises_somebody_who_changed_name_and_unit(session: Session) -> None:
    wrote(session, FULL)
    made = wrote(session, "Mai Thị Thanh Xuân;Chi bộ 8;;;;;;12.345678;;;")
    assert (len(made.new), len(made.changed), made.changed[0].moves) == (0, 1, True)


def test_an_account_recognises_somebody_without_a_card(
    session: Session, cast: dict[str, int]
) -> None:
    made = wrote(session, f"Nguyễn Thị Hường;{BRANCH_1} / Tổ 1;;;;;;;;;{ACCOUNTS['huong']}")
    assert made.changed[0].fields == {"full_name": "Nguyễn Thị Hường"}
    assert session.get_one(Person, cast["huong"]).consented_at is not None


def test_name_and_birth_date_recognise_somebody_in_another_unit(session: Session) -> None:
    wrote(session, "Lý Văn Yên;Chi bộ 8;;;1/1/1990;;;;;;")
    assert len(wrote(session, "Lý Văn Yên;Chi bộ 9;;;1/1/1990;;;;;;").changed) == 1


def test_accents_tell_people_apart_but_the_place_of_a_tone_does_not(session: Session) -> None:
    wrote(session, "Trần Hoà;Chi bộ 9;;;;;;;;;", "Trần Hoa;Chi bộ 9;;;;;;;;;")
    made = planned(session, "Trần Hòa;Chi bộ 9;;;;;;;;;")
    assert (made.new, made.problems) == ([], [])


def test_a_number_in_a_name_tells_people_apart(session: Session) -> None:
    made = wrote(session, "Đảng viên 1;Chi bộ 9;;;;;;;;;", "Đảng viên 2;Chi bộ 9;;;;;;;;;")
    assert len(made.new) == 2


def test_namesakes_with_different_birth_dates_are_different_people(session: Session) -> None:
    made = wrote(
        session, "Lý Văn Yên;Chi bộ 9;;;1/1/1990;;;;;;", "Lý Văn Yên;Chi bộ 9;;;2/2/1991;;;;;;"
    )
    assert len(made.new) == 2
    assert wrong(session, "Lý Văn Yên;Chi bộ 9;;;;;;;;;") == [
        "2 Họ và tên: 2 people on the roll fit. Ad"
    ]


def test_the_same_person_twice_in_a_file_is_a_problem(
    session: Session, cast: dict[str, int]
) -> None:
    assert wrong(session, "Lý Yên;Chi bộ 9;;;;;;;;;", "LÝ  YÊN;chi bộ 9;;;;;;;;;") == [
        "3 Họ và tên: The same person as in row 2."
    ]
    assert wrong(
        session, f"Nguyễn Văn An;{BRANCH_1};;;;;;;;;", f"Nguyễn Văn An;{BRANCH_1};;;;;;;;;"
    ) == ["3 Họ và tên: The same person as in row 2."]
    assert wrong(session, "Lý Yên;Chi bộ 9;;;;;;A1;;;", "Lý Mai;Chi bộ 9;;;;;;A1;;;") == [
        "3 Số thẻ: The same as in row 2."
    ]


def test_an_account_that_is_already_somebody_elses_is_a_problem(
    session: Session, cast: dict[str, int]
) -> None:
    account = ACCOUNTS["huong"]
    assert wrong(
        session,
        f"Nguyễn Văn An;{BRANCH_1};;;;;;;;;{account}",
        f"Mai Thị Xuân;{BRANCH_1};;;;;;;;;{account}",
    ) == [
        "2 Telegram ID: This account belongs to Nguy",
    ]


def warned(plan: Plan) -> list[str]:
    return [f"{w.row} {w.column}: {w.message.format(**w.values)[:50]}" for w in plan.warnings]


def test_an_account_recognises_somebody_of_another_name_and_warns(
    session: Session, cast: dict[str, int]
) -> None:
    made = wrote(session, f"Mai Thị Xuân;{BRANCH_2};;;;;;;;;{ACCOUNTS['huong']}")
    assert (made.new, len(made.changed)) == ([], 1)
    assert session.get_one(Person, cast["huong"]).full_name == "Mai Thị Xuân"
    assert warned(made) == ["2 Họ và tên: Changes from Nguyễn Thị Hương to Mai Thị Xuân: mak"]


def test_one_account_cannot_be_two_people(session: Session, cast: dict[str, int]) -> None:
    session.get_one(Person, cast["an"]).card = "A1"
    session.flush()
    line = f"Nguyễn Văn An;{BRANCH_1};;;;;;A1;;;{ACCOUNTS['huong']}"
    assert wrong(session, line) == ["2 Telegram ID: This account belongs to Nguy"]


def test_a_corrected_birth_date_makes_no_second_person_and_warns(session: Session) -> None:
    wrote(session, "Lý Văn Yên;Chi bộ 9;;;1/1/1990;;;;;;")
    made = wrote(session, "Lý Văn Yên;Chi bộ 9;;;2/1/1990;;;;;;")
    assert (made.new, [change.fields for change in made.changed]) == (
        [],
        [{"born": date(1990, 1, 2)}],
    )
    assert warned(made) == ["2 Ngày sinh: Changes from 1/1/1990 to 2/1/1990: make sure that "]


def test_a_new_namesake_beside_one_whom_the_file_names_is_new(session: Session) -> None:
    wrote(session, "Lý Văn Yên;Chi bộ 9;;;1/1/1990;;;;;;")
    made = planned(
        session, "Lý Văn Yên;Chi bộ 9;;;2/2/1991;;;;;;", "Lý Văn Yên;Chi bộ 9;;;1/1/1990;;;;;;"
    )
    assert (len(made.new), made.same, made.problems) == (1, 1, [])


def test_a_new_account_for_somebody_is_asked_for_consent_again(
    session: Session, cast: dict[str, int]
) -> None:
    wrote(session, f"Nguyễn Thị Hương;{BRANCH_1} / Tổ 1;;;;;;;;;888000888")
    huong = session.get_one(Person, cast["huong"])
    assert (huong.telegram_id, huong.consented_at, huong.started) == (888000888, None, False)


def test_who_has_left_the_roll_is_left_alone(session: Session) -> None:
    wrote(session, FULL)
    named(session, "Mai Thị Xuân").ended = TODAY
    made = planned(session, FULL)
    assert (made.new, made.changed, len(made.warnings)) == ([], [], 1)


def statements(session: Session, rows: int) -> tuple[int, int]:
    """How many statements it takes to add so many people, and to change all there is of them."""
    heads = [f"Trần {chr(0x1EA0 + n // 20)} {n};Chi bộ {rows}" for n in range(rows)]
    count = 0

    def one_more(*_arguments: object) -> None:
        nonlocal count
        count += 1

    connection = session.connection()
    event.listen(connection, "before_cursor_execute", one_more)
    wrote(session, *(f"{head};Bí thư;;;;;{rows}.{n};;;{rows}00{n}" for n, head in enumerate(heads)))
    added, count = count, 0
    wrote(
        session,
        *(f"{head};Phó bí thư;Dự bị;;;;{rows}.{n};;;{rows}99{n}" for n, head in enumerate(heads)),
    )
    event.remove(connection, "before_cursor_execute", one_more)
    return added, count


def test_ten_times_as_many_people_take_no_more_statements(session: Session) -> None:
    few, many = statements(session, 20), statements(session, 200)
    assert many == few


# -- what is wrong -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("Lý Yên;Chi bộ 9;Trưởng ban;;;;;;;;", "2 Chức vụ: Trưởng ban is not a position"),
        ("Lý Yên;Chi bộ 9;;Thường;;;;;;;", "2 Loại: Thường is not a kind of memb"),
        ("Lý Yên;A / B / a;;;;;;;;;", "2 Đơn vị: A / B / a goes in a circle: "),
        ("Lý Yên;A/B/C/D/E/F/G;;;;;;;;;", "2 Đơn vị: More than 6 units below each"),
        ("Lý Yên;/;;;;;;;;;", "2 Đơn vị: / names no unit."),
        (f"{'Y' * 500};Chi bộ 9;;;;;;;;;", "2 Họ và tên: The name is longer than 100 "),
        ("12345;Chi bộ 9;;;;;;;;;", "2 Họ và tên: 12345 is not a name."),
        ("Lý Yên;Chi bộ 9;;;31/02/1990;;;;;;", "2 Ngày sinh: 31/02/1990 is not in the cal"),
        ("Lý Yên;Chi bộ 9;;;1/1/2030;;;;;;", "2 Ngày sinh: 1/1/2030 is in the future."),
        ("Lý Yên;Chi bộ 9;;;1/1/1990;1/1/1980;;;;;", "2 Ngày vào Đảng: Joined before being born."),
        ("Lý Yên;Chi bộ 9;;;;;;1.2E+11;;;", "2 Số thẻ: 1.2E+11 was rounded by the s"),
        ("Lý Yên;Chi bộ 9;;;;;;;;;-5", "2 Telegram ID: -5 is not a Telegram ID, whi"),
    ],
)
def test_a_wrong_cell_is_named_by_row_and_column(session: Session, line: str, problem: str) -> None:
    assert wrong(session, line) == [problem]


def test_an_importer_stays_below_their_own_unit(session: Session, cast: dict[str, int]) -> None:
    an = speakers.who(session, ACCOUNTS["an"], today=TODAY, owner=False)
    assert wrong(
        session,
        f"Mai Thị Xuân;{BRANCH_1} / Tổ 3;;;;;;;;;",
        f"Mai Thị Hạ;{BRANCH_2};;;;;;;;;",
        f"Nguyễn Văn An;{PARTY};Bí thư;;;;;;;;",
        "Mai Thị Thu;Chi bộ tự lập;Bí thư;;;;;;;;",
        by=an,
    ) == [
        "3 Đơn vị: You may not change the roll ",
        "4 Đơn vị: You may not change the roll ",
        "5 Đơn vị: You may not change the roll ",
    ]


def test_a_secretary_writes_the_path_from_their_own_unit_down(
    session: Session, cast: dict[str, int]
) -> None:
    an = speakers.who(session, ACCOUNTS["an"], today=TODAY, owner=False)
    made = wrote(
        session,
        "Mai Thị Xuân;chi bộ 1 / Tổ 1;;;;;;;;;",
        f"Mai Thị Hạ;{BRANCH_1} / Tổ 1;;;;;;;;;",
        "Mai Thị Thu;Tổ 1;;;;;;;;;",
        "Mai Thị Đông;Chi bộ 1 / Tổ 9;;;;;;;;;",
        "Nguyễn Thị Hương;Chi bộ 1 / Tổ 1;;;;;;;;;",
        by=an,
    )
    assert (len(made.new), made.same) == (4, 1)
    for name, group in (("Xuân", "Tổ 1"), ("Hạ", "Tổ 1"), ("Thu", "Tổ 1"), ("Đông", "Tổ 9")):
        unit = session.get_one(Unit, named(session, f"Mai Thị {name}").unit_id)
        assert roster.unit_path(session, unit) == f"{BRANCH_1} / {group}"


def test_a_path_that_may_mean_several_units_has_to_be_written_in_full(
    session: Session, cast: dict[str, int]
) -> None:
    an = speakers.who(session, ACCOUNTS["an"], today=TODAY, owner=False)
    roster.unit_at(session, f"{BRANCH_1} / Khối 1 / Tổ 1")
    made = planned(
        session,
        "Mai Thị Xuân;Tổ 1;;;;;;;;;",
        "Mai Thị Hạ;Chi bộ 2 / Tổ 1;;;;;;;;;",
        by=an,
    )
    assert made.new == []
    assert [each.message.format(**each.values) for each in made.problems] == [
        f"Several units are called Tổ 1. Write the path in full, as in {BRANCH_1} / Tổ 1.",
        "You may not change the roll of Chi bộ 2 / Tổ 1. Write the path in full, as in"
        f" {BRANCH_1}.",
    ]


def test_on_the_command_line_a_path_begins_at_the_root(
    session: Session, cast: dict[str, int]
) -> None:
    wrote(session, "Mai Thị Xuân;Chi bộ 1 / Tổ 1;;;;;;;;;")
    unit = session.get_one(Unit, named(session, "Mai Thị Xuân").unit_id)
    assert roster.unit_path(session, unit) == "Chi bộ 1 / Tổ 1"


def test_an_importer_cannot_fetch_people_from_beside(
    session: Session, cast: dict[str, int]
) -> None:
    session.get_one(Person, cast["minh"]).card = "M1"
    session.flush()
    an = speakers.who(session, ACCOUNTS["an"], today=TODAY, owner=False)
    assert wrong(session, f"Bùi Đức Minh;{BRANCH_1};;;;;;M1;;;", by=an) == [
        "2 Số thẻ: This belongs to somebody on "
    ]


def test_a_deputy_cannot_import(session: Session, cast: dict[str, int]) -> None:
    binh = speakers.who(session, ACCOUNTS["binh"], today=TODAY, owner=False)
    assert wrong(session, f"Mai Thị Xuân;{BRANCH_1};;;;;;;;;", by=binh) == [
        "2 Đơn vị: You may not change the roll "
    ]


# -- files -------------------------------------------------------------------------------------


def test_one_bad_row_keeps_the_whole_file_out_on_the_command_line(database: Database) -> None:
    table = read_roster("\n".join([HEAD, FULL, "Lý Yên;Chi bộ 9;Vua;;;;;;;;"]).encode(), "a.csv")
    with pytest.raises(SheetError, match="Row 3, column Chức vụ"):
        roster_import.import_roster(database, table, now=NOON, today=TODAY)
    assert database.run(lambda s: s.exec(select(Person)).all()) == []


def test_a_dry_run_writes_nothing(database: Database) -> None:
    table = read_roster("\n".join([HEAD, FULL]).encode(), "a.csv")
    made = roster_import.import_roster(database, table, now=NOON, today=TODAY, dry_run=True)
    assert len(made.new) == 1
    assert database.run(lambda s: s.exec(select(Unit)).all()) == []


def test_what_is_exported_can_be_imported_and_changes_nothing(
    session: Session, cast: dict[str, int]
) -> None:
    wrote(session, FULL)
    header, rows = roster_import.export_roster(session, today=TODAY)
    lines = [";".join("" if cell is None else str(cell) for cell in row) for row in rows]
    again = planned(session, *lines, head=";".join(header))
    assert (again.new, again.changed, again.problems, again.same) == ([], [], [], 11)


def kept(session: Session, *lines: str, by: Actor = CHIEF) -> int:
    table = read_roster("\n".join([HEAD, *lines]).encode(), "roster.csv")
    return roster_import.keep_file(session, by, "roster.csv", list(table), [], now=NOON).id


def test_an_import_is_undone_for_a_day(session: Session, cast: dict[str, int]) -> None:
    file_id = kept(session, FULL, f"Nguyễn Văn An;{BRANCH_1};Phó bí thư;;1/1/1970;;;;;;")
    roster_import.write_kept(session, CHIEF, file_id, now=NOON, today=TODAY)
    an = session.get_one(Person, cast["an"])
    assert (an.born, roles(session, an)) == (date(1970, 1, 1), [("deputy", "Chi bộ 1")])
    assert roster_import.undo(session, CHIEF, file_id, now=NOON + timedelta(hours=23)) == 2
    session.refresh(an)
    assert (an.born, roles(session, an)) == (None, [("secretary", "Chi bộ 1")])
    assert session.exec(select(Person).where(Person.card == "12.345678")).first() is None
    with pytest.raises(Refusal, match="undone already"):
        roster_import.undo(session, CHIEF, file_id, now=NOON)


def test_an_import_older_than_a_day_stays(session: Session) -> None:
    file_id = kept(session, FULL)
    roster_import.write_kept(session, CHIEF, file_id, now=NOON, today=TODAY)
    with pytest.raises(Refusal, match="24 hours"):
        roster_import.undo(session, CHIEF, file_id, now=NOON + timedelta(hours=25))


def test_an_import_whose_people_have_agreed_stays(session: Session) -> None:
    file_id = kept(session, FULL)
    roster_import.write_kept(session, CHIEF, file_id, now=NOON, today=TODAY)
    named(session, "Mai Thị Xuân").consented_at = NOON
    session.flush()
    with pytest.raises(Refusal, match="taken part"):
        roster_import.undo(session, CHIEF, file_id, now=NOON)
    assert named(session, "Mai Thị Xuân").ended is None


def test_nobody_writes_the_file_of_another(session: Session, cast: dict[str, int]) -> None:
    file_id = kept(session, FULL)
    an = speakers.who(session, ACCOUNTS["an"], today=TODAY, owner=False)
    with pytest.raises(NotFound):
        roster_import.write_kept(session, an, file_id, now=NOON, today=TODAY)


def test_a_file_is_written_once(session: Session) -> None:
    file_id = kept(session, FULL)
    roster_import.write_kept(session, CHIEF, file_id, now=NOON, today=TODAY)
    with pytest.raises(Refusal, match="written already"):
        roster_import.write_kept(session, CHIEF, file_id, now=NOON, today=TODAY)


def test_a_file_of_one_branch_tells_nobody_of_another_by_their_account(
    session: Session, cast: dict[str, int]
) -> None:
    lan = speakers.who(session, ACCOUNTS["lan"], today=TODAY, owner=False)
    line = f"Ngô Văn Mới;{BRANCH_2};;;;;;;;;{ACCOUNTS['huong']}"
    assert wrong(session, line, by=lan) == ["2 Telegram ID: This belongs to somebody on "]


def test_a_branchs_secretary_cannot_take_a_higher_office_by_a_file(
    session: Session, cast: dict[str, int]
) -> None:
    huong = session.get_one(Person, cast["huong"])
    above = roster.unit_at(session, PARTY)
    roster.give_role(session, huong, above.id, Role.DEPUTY, today=TODAY, by=None)
    an = speakers.who(session, ACCOUNTS["an"], today=TODAY, owner=False)
    line = f"{huong.full_name};{BRANCH_1} / Tổ 1;;;;;;;;;777000999"
    assert wrong(session, line, by=an) == ["2 Telegram ID: You may not give this positi"]
    assert wrong(session, line) == []
