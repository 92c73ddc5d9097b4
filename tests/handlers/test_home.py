"""The first screen, help, cancel and settings."""

from __future__ import annotations

from tests.town import Town


def test_help_tells_the_committee_of_its_own_commands(town: Town) -> None:
    town.an.send("/help")
    assert "/quanly" in town.an.wait_for("Trợ giúp").text
    town.huong.send("/help")
    assert "/quanly" not in town.huong.wait_for("Trợ giúp").text


def test_help_says_what_to_type(town: Town) -> None:
    town.huong.send("/trogiup")
    assert "/lich" in town.huong.wait_for("Trợ giúp").text


def test_english_names_of_commands_are_understood_too(town: Town) -> None:
    town.huong.send("/help")
    town.huong.wait_for("Trợ giúp")


def test_a_stranger_cannot_see_the_settings(town: Town) -> None:
    town.xuan.send("/caidat")
    town.world.settle()
    assert "21:30" not in town.xuan.transcript()


def test_a_language_is_a_persons_own_choice(town: Town) -> None:
    town.huong.send("/caidat")
    town.huong.wait_for("21:30-06:30")
    town.huong.press("English")
    town.huong.wait_for("Language: English")
    town.giang.send("/caidat")
    assert "Ngôn ngữ: Tiếng Việt" in town.giang.wait_for("21:30-06:30").text


def test_typed_quiet_hours_are_shown_back_before_they_count(town: Town) -> None:
    town.huong.send("/settings")
    town.huong.wait_for("21:30-06:30")
    town.huong.press("English")
    town.huong.wait_for("Language: English")
    town.huong.press("Quiet hours…")
    town.huong.wait_for("From when to when")
    town.huong.send("22h-5h30")
    town.huong.wait_for("22:00-05:30")
    with_session = town.database.run(lambda s: town.person(s, "huong").quiet_hours)
    assert with_session is None
    town.huong.press("Yes")
    town.huong.wait_for("Quiet hours: 22:00-05:30")
    assert town.database.run(lambda s: town.person(s, "huong").quiet_hours) == "22:00-05:30"


def test_quiet_hours_in_words_are_of_the_night(town: Town) -> None:
    town.huong.send("/caidat")
    town.huong.press("Giờ yên lặng…", town.huong.wait_for("21:30-06:30"))
    town.huong.wait_for("Từ mấy giờ")
    town.huong.send("10 giờ đêm đến 6 giờ sáng")
    town.huong.wait_for("Giờ yên lặng: 22:00-06:00. Đúng vậy không?")


def test_quiet_hours_that_would_last_all_day_are_asked_about(town: Town) -> None:
    town.huong.send("/caidat")
    town.huong.press("Giờ yên lặng…", town.huong.wait_for("21:30-06:30"))
    town.huong.wait_for("Từ mấy giờ")
    town.huong.send("10 giờ đến 6 giờ")
    asked = town.huong.wait_for("10:00-06:00 là yên lặng 20 tiếng mỗi ngày.")
    town.huong.press("22:00-06:00", asked)
    town.huong.wait_for("Giờ yên lặng: 22:00-06:00")
    assert town.database.run(lambda s: town.person(s, "huong").quiet_hours) == "22:00-06:00"


def test_nonsense_as_quiet_hours_keeps_the_form_open(town: Town) -> None:
    town.huong.send("/settings")
    town.huong.wait_for("21:30-06:30")
    town.huong.press("English")
    town.huong.press("Quiet hours…")
    town.huong.wait_for("From when to when")
    town.huong.send("at night")
    assert "type it again" in town.huong.wait_for("I need two times").text
    town.huong.send("/quiett")
    town.huong.wait_for("There is no command /quiett.")
    town.huong.send("22:00-06:00")
    town.huong.wait_for("Quiet hours: 22:00-06:00. Is that right?")


def test_cancel_leaves_any_form(town: Town) -> None:
    town.huong.send("/settings")
    town.huong.press("English")
    town.huong.press("Quiet hours…")
    town.huong.wait_for("From when to when")
    town.huong.send("/huy")
    town.huong.wait_for("Cancelled.")
    assert town.database.run(lambda s: town.person(s, "huong").quiet_hours) is None


def test_a_press_of_random_bytes_is_answered(town: Town) -> None:
    town.huong.send("/settings")
    message = town.huong.wait_for("21:30-06:30")
    for data in ("nosuch:1", "language", "language:xx:1", "quiet:9", "::", "language:" + "é" * 20):
        assert town.huong.press_data(message, data).answered


def test_the_menu_speaks_the_language_that_was_chosen(town: Town) -> None:
    town.huong.send("/settings")
    town.huong.press("English", town.huong.wait_for("Ngôn ngữ"))
    for _turn in range(50):
        if "meetings" in town.huong.menu:
            break
        town.world.settle(quiet=0.1)
    assert "meetings" in town.huong.menu
    assert "manage" not in town.huong.menu
