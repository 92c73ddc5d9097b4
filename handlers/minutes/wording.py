"""What a meeting's minutes say, in words: the places of the form and what stands in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from handlers.dates import format_number
from handlers.meetings.showing import REASON_LABELS, meeting_title
from handlers.paper.words import clock_of, document_day, organisation
from handlers.polls.saying import result_line
from handlers.roster.words import KINDS
from handlers.text import Reader, Text, _, n_
from storage.agenda import Content
from storage.minutes import Away, Document, MinutesFacts, Signer
from storage.roster import Kind

CONTENTS: dict[Content, Text] = {
    Content.STUDY: _("study of politics and ideas"),
    Content.LEADERSHIP: _("leading and inspecting"),
    Content.PROFESSIONAL: _("professional work"),
    Content.MEMBERS: _("work with members"),
}
BLANK = "………………"
PARAGRAPH = "\a"  # docxtpl makes a new one of it
HEAD_WIDTH = 42  # letters of place and day that fit on one line of the head
Values = dict[str, Any]


def values(document: Document, reader: Reader) -> Values:
    """The places of the form: texts, and lists of texts."""
    facts = document.facts
    by_part = {each.part: each for each in document.signers}
    return {
        **_head(document, reader),
        **_figures(facts, reader),
        **_lists(facts, reader),
        "chu_tri": facts.chair or BLANK,
        "thu_ky": facts.minute_taker or BLANK,
        "ket_luan": facts.conclusion.replace("\n", PARAGRAPH) or BLANK,
        "xac_nhan_chu_tri": _signed(by_part["chair"], facts.zone, reader),
        "xac_nhan_thu_ky": _signed(by_part["minute_taker"], facts.zone, reader),
    }


def _head(document: Document, reader: Reader) -> Values:
    facts = document.facts
    begun = facts.begun_at or facts.starts_at
    day = begun.astimezone(ZoneInfo(facts.zone)).date()
    dated = document_day(day, reader)
    begins = clock_of(begun, facts.zone, reader)
    ends = clock_of(facts.ended_at, facts.zone, reader) if facts.ended_at else ""
    span = (
        _("from {begins} to {ends}, {day}", begins=begins, ends=ends, day=dated)
        if ends
        else _("from {begins}, {day}", begins=begins, day=dated)
    )
    return {
        "cap_tren": facts.above[-1].upper() if facts.above else "",
        "don_vi": facts.unit.upper(),
        "to_chuc": organisation(reader),
        "noi_ngay": f"{facts.place}, {dated}"
        if len(facts.place) + len(dated) < HEAD_WIDTH
        else f"{facts.place},\n{dated}",
        "ten_hop": reader.plain(meeting_title(document.meeting)),
        "thoi_gian": reader.plain(span),
        "bat_dau": begins,
        "ket_thuc": ends,
        "ngay": dated,
        "dia_diem": facts.place,
    }


def _figures(facts: MinutesFacts, reader: Reader) -> Values:
    count = facts.count
    return {
        "trieu_tap": people(count.convened, reader),
        "trieu_tap_theo_loai": _kinds(facts.convened, reader),
        "mien": people(count.exempt, reader) if count.exempt else "",
        "noi_khac": people(facts.elsewhere, reader) if facts.elsewhere else "",
        "dinh_chi": people(facts.suspended, reader) if facts.suspended else "",
        "co_mat": people(count.present, reader),
        "co_mat_theo_loai": _kinds(facts.present, reader),
        "ty_le": reader.plain(_("rate {percent}%", percent=count.percent)),
        "truc_tuyen": people(facts.online, reader) if facts.online else "",
        "so_vang_co_ly_do": people(count.excused, reader),
        "so_vang_khong_ly_do": people(count.absent, reader),
    }


def _lists(facts: MinutesFacts, reader: Reader) -> Values:
    return {
        "vang_co_ly_do": _away(facts.excused, reader),
        "vang_khong_ly_do": _away(facts.absent, reader),
        "chua_duyet": _away(facts.pending, reader),
        "den_muon": _numbered({"ten": name} for name in facts.late),
        "ve_som": _numbered(
            {"ten": name, "luc": clock_of(at, facts.zone, reader)} for name, at in facts.left
        ),
        "chuong_trinh": _numbered(
            {
                "noi_dung": each.title,
                "loai": reader.plain(CONTENTS[each.content]),
                "phut": "–" if each.minutes is None else format_number(each.minutes),
            }
            for each in facts.agenda
        ),
        "lay_y_kien": _numbered(
            {"noi_dung": reader.plain(result_line(each))} for each in facts.polled
        ),
        "nghi_quyet": _numbered(
            {"viec": each.text, "nguoi": each.owner, "han": f"{each.due:%d/%m/%Y}"}
            for each in facts.resolved
        ),
    }


def people(number: int, reader: Reader) -> str:
    """ "36 đồng chí"."""
    return reader.plain(n_("{n} member", "{n} members", n=number))


def _kinds(by_kind: Mapping[Kind, int], reader: Reader) -> str:
    """ " (chính thức 30, dự bị 3)"; nothing for nobody."""
    named = [f"{reader.plain(KINDS[kind])} {number}" for kind, number in by_kind.items()]
    return f" ({', '.join(named)})" if named else ""


def _away(who: Sequence[Away], reader: Reader) -> list[dict[str, str]]:
    def reason(each: Away) -> str:
        words = REASON_LABELS.get(each.reason)
        return reader.plain(words) if words else each.reason or reader.plain(_("no reason given"))

    return _numbered({"ten": each.name, "ly_do": reason(each)} for each in who)


def _numbered(items: Iterable[dict[str, str]]) -> list[dict[str, str]]:
    return [{"so": str(number), **item} for number, item in enumerate(items, start=1)]


def _signed(signer: Signer, zone: str, reader: Reader) -> str:
    """What is known of a signature: confirmed, and when."""
    if not signer.confirmed or signer.asked is None or signer.asked.confirmed_at is None:
        return ""
    return reader.plain(_("(confirmed {at})", at=stamp(signer.asked.confirmed_at, zone)))


def stamp(at: datetime, zone: str) -> str:
    """ "20:15 04/08/2026"."""
    return f"{at.astimezone(ZoneInfo(zone)):%H:%M %d/%m/%Y}"
