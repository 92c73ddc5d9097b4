"""The default form of the minutes: a Word file with places, made in code.

It is what [Mẫu biên bản] hands out, to be changed in Word and sent back: places are written
`{{ chu_tri }}`, lists `{%p for v in vang_co_ly_do %}`. What each place holds is in
`handlers/minutes/wording.py`.
"""

from __future__ import annotations

from docx.document import Document as Paper

from handlers.paper import pieces as paper
from handlers.text import Reader, _

PLACES = {  # each list, and what its items hold
    "vang_co_ly_do": ("so", "ten", "ly_do"),
    "vang_khong_ly_do": ("so", "ten", "ly_do"),
    "chua_duyet": ("so", "ten", "ly_do"),
    "ve_som": ("so", "ten", "luc"),
    "den_muon": ("so", "ten"),
    "chuong_trinh": ("so", "noi_dung", "loai", "phut"),
    "lay_y_kien": ("so", "noi_dung"),
    "nghi_quyet": ("so", "viec", "nguoi", "han"),
}

TEXTS = (
    "cap_tren", "don_vi", "to_chuc", "noi_ngay", "ten_hop", "thoi_gian", "bat_dau", "ket_thuc",
    "ngay", "dia_diem", "chu_tri", "thu_ky", "trieu_tap", "trieu_tap_theo_loai", "mien",
    "noi_khac", "dinh_chi", "co_mat", "co_mat_theo_loai", "ty_le", "truc_tuyen",
    "so_vang_co_ly_do", "so_vang_khong_ly_do",
    "ket_luan", "xac_nhan_chu_tri", "xac_nhan_thu_ky",
)  # fmt: skip
LONGEST = 300  # people on a list, for trying a form


def sample() -> dict[str, object]:
    """Something for every place, and lists as long as any: what a new form is tried with."""
    texts: dict[str, object] = {name: f"<{name}> & {{{{ {name} }}}}" for name in TEXTS}
    lists = {
        name: [{each: f"<{each}> {number}" for each in holds} for number in range(LONGEST)]
        for name, holds in PLACES.items()
    }
    return texts | lists


def default_form(reader: Reader) -> bytes:
    """The form in the reader's language and the words of the organisation."""
    made = paper.new_paper()
    paper.head(made, "{{ cap_tren }}", "{{ don_vi }}", "{{ to_chuc }}", "{{ noi_ngay }}")
    paper.title(made, reader.plain(_("MINUTES")), "{{ ten_hop }}")
    _opening(made, reader)
    _agenda(made, reader)
    _polled(made, reader)
    _resolved(made, reader)
    _closing(made, reader)
    return paper.saved(made)


def _opening(made: Paper, reader: Reader) -> None:
    say = reader.plain
    paper.heading(made, say(_("I. TIME, PLACE, THOSE TAKING PART")))
    paper.labelled(made, say(_("1. Time:")), "{{ thoi_gian }}.")
    paper.labelled(made, say(_("2. Place:")), "{{ dia_diem }}.")
    paper.labelled(made, say(_("3. Chair:")), "{{ chu_tri }}.")
    paper.labelled(made, say(_("4. Minute-taker:")), "{{ thu_ky }}.")
    paper.labelled(made, say(_("5. Convened:")), "{{ trieu_tap }}{{ trieu_tap_theo_loai }}.")
    _only(made, "mien", say(_("Exempt and not there, not counted:")), "{{ mien }}.")
    _only(made, "noi_khac", say(_("Elsewhere for now, not counted:")), "{{ noi_khac }}.")
    _only(made, "dinh_chi", say(_("Suspended, not counted:")), "{{ dinh_chi }}.")
    paper.labelled(made, say(_("6. Present:")), "{{ co_mat }}{{ co_mat_theo_loai }}, {{ ty_le }}.")
    _only(made, "truc_tuyen", say(_("Of these online:")), "{{ truc_tuyen }}.")
    paper.labelled(made, say(_("7. Absent with reason:")), "{{ so_vang_co_ly_do }}.")
    _names(made, "vang_co_ly_do", "{{ v.so }}. {{ v.ten }} – {{ v.ly_do }}")
    paper.labelled(made, say(_("8. Absent without reason:")), "{{ so_vang_khong_ly_do }}.")
    _names(made, "vang_khong_ly_do", "{{ v.so }}. {{ v.ten }}")
    _many(made, "chua_duyet", say(_("Asked leave, not decided:")), "{{ v.ten }} – {{ v.ly_do }}")
    _many(made, "den_muon", say(_("Came late:")), "{{ v.ten }}")
    _many(made, "ve_som", say(_("Left early:")), "{{ v.ten }} – {{ v.luc }}")


def _agenda(made: Paper, reader: Reader) -> None:
    say = reader.plain
    paper.heading(made, say(_("II. AGENDA")))
    paper.line(made, "{%p if chuong_trinh %}")
    titles = (_("No."), _("Point"), _("Kind of content"), _("Minutes taken"))
    _table(made, [say(each) for each in titles], (1.2, 8.8, 4, 2.5), "chuong_trinh", (1, 0, 0, 1))
    paper.line(made, "{%p else %}")
    paper.line(made, "." * 100, align=paper.LEFT)
    paper.line(made, "{%p endif %}")


def _polled(made: Paper, reader: Reader) -> None:
    paper.line(made, "{%p if lay_y_kien %}")
    paper.line(made, reader.plain(_("Asked in the chat, which is no vote:")), indent=1, before=6)
    _names(made, "lay_y_kien", "{{ v.so }}. {{ v.noi_dung }}")
    paper.line(made, "{%p endif %}")


def _resolved(made: Paper, reader: Reader) -> None:
    say = reader.plain
    paper.heading(made, say(_("III. RESOLVED")))
    paper.line(made, "{%p if nghi_quyet %}")
    titles = (_("No."), _("What is to be done"), _("By whom"), _("Until"))
    _table(made, [say(each) for each in titles], (1.2, 8.3, 4.5, 2.5), "nghi_quyet", (1, 0, 0, 1))
    paper.line(made, "{%p else %}")
    paper.line(made, say(_("No task was given.")), indent=1)
    paper.line(made, "{%p endif %}")


def _closing(made: Paper, reader: Reader) -> None:
    say = reader.plain
    paper.heading(made, say(_("IV. CONCLUSION")))
    paper.line(made, "{{ ket_luan }}", indent=1)
    paper.line(made, "{%p if ket_thuc %}")
    paper.line(made, say(_("The meeting ended at")) + " {{ ket_thuc }}.", indent=1, before=6)
    paper.line(made, "{%p endif %}")
    signed = say(_("(signature and full name)"))
    paper.signatures(
        made,
        (say(_("MINUTE-TAKER")), signed, "{{ xac_nhan_thu_ky }}", "{{ thu_ky }}"),
        (say(_("CHAIR")), signed, "{{ xac_nhan_chu_tri }}", "{{ chu_tri }}"),
    )


# -- parts -------------------------------------------------------------------------------------


def _only(made: Paper, place: str, label: str, text: str) -> None:
    """A line that is there only when its place holds something."""
    paper.line(made, "{%p if " + place + " %}")
    paper.labelled(made, label, text)
    paper.line(made, "{%p endif %}")


def _names(made: Paper, place: str, text: str) -> None:
    """A line for each of a list."""
    paper.line(made, "{%p for v in " + place + " %}")
    paper.line(made, text, indent=1.5)
    paper.line(made, "{%p endfor %}")


def _many(made: Paper, place: str, label: str, text: str) -> None:
    """A list on one line, under its label, if there is anybody on it."""
    together = "{% for v in " + place + " %}" + text + "{% if not loop.last %}; {% endif %}"
    _only(made, place, label, together + "{% endfor %}.")


def _table(
    made: Paper,
    titles: list[str],
    widths: tuple[float, ...],
    place: str,
    centred: tuple[int, ...],
) -> None:
    """A table with a row for each of a list."""
    table = paper.grid(made, titles, widths)
    aligns = [paper.CENTRE if each else paper.LEFT for each in centred]
    blank = [""] * (len(titles) - 1)
    paper.row(table, ["{%tr for v in " + place + " %}", *blank], aligns)
    paper.row(table, ["{{ v." + name + " }}" for name in PLACES[place]], aligns)
    paper.row(table, ["{%tr endfor %}", *blank], aligns)
    paper.fit(table, widths)
