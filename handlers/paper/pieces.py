"""The pieces of a paper: A4, Times New Roman, the two columns of the head, tables, signatures."""

from __future__ import annotations

import io
from collections.abc import Sequence

from docx import Document
from docx.document import Document as Paper
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph
from docx.text.run import Run

FONT, SIZE = "Times New Roman", 13
WIDTH = 16.5  # centimetres of an A4 page between its margins
LEFT, CENTRE, RIGHT, JUSTIFIED = (
    WD_ALIGN_PARAGRAPH.LEFT,
    WD_ALIGN_PARAGRAPH.CENTER,
    WD_ALIGN_PARAGRAPH.RIGHT,
    WD_ALIGN_PARAGRAPH.JUSTIFY,
)


def new_paper() -> Paper:
    """An empty A4 page, upright."""
    paper = Document()
    section = paper.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin, section.right_margin = Cm(2.75), Cm(1.75)
    section.top_margin = section.bottom_margin = Cm(2)
    normal = paper.styles["Normal"]
    normal.font.name, normal.font.size = FONT, Pt(SIZE)
    fonts = normal.element.get_or_add_rPr().get_or_add_rFonts()
    for script in ("w:ascii", "w:hAnsi", "w:cs", "w:eastAsia"):
        fonts.set(qn(script), FONT)
    normal.paragraph_format.space_before, normal.paragraph_format.space_after = Pt(0), Pt(3)
    normal.paragraph_format.line_spacing = 1.1
    return paper


def saved(paper: Paper) -> bytes:
    """The bytes of the file."""
    target = io.BytesIO()
    paper.save(target)
    return target.getvalue()


# -- pieces ------------------------------------------------------------------------------------


def line(
    where: Paper | _Cell,
    text: str = "",
    *,
    align: WD_ALIGN_PARAGRAPH = JUSTIFIED,
    bold: bool = False,
    italic: bool = False,
    underline: bool = False,
    size: float = SIZE,
    indent: float = 0,
    before: float = 0,
) -> Paragraph:
    """One paragraph; a cell's first one is there already."""
    blank = isinstance(where, _Cell) and len(where.paragraphs) == 1 and not where.text
    paragraph = where.paragraphs[0] if blank else where.add_paragraph()
    paragraph.alignment = align
    paragraph.paragraph_format.first_line_indent = Cm(indent) if indent else None
    if before:
        paragraph.paragraph_format.space_before = Pt(before)
    if text:
        run = paragraph.add_run(text)
        run.bold, run.italic, run.underline, run.font.size = bold, italic, underline, Pt(size)
    return paragraph


def labelled(where: Paper, label: str, text: str, *, indent: float = 1) -> Paragraph:
    """ "Chủ trì: Nguyễn Văn An", the label in bold."""
    paragraph = line(where, f"{label} ", bold=True, indent=indent)
    paragraph.add_run(text)
    return paragraph


def heading(where: Paper, text: str) -> Paragraph:
    """The title of a part; it stays with what follows."""
    paragraph = line(where, text, bold=True, before=8)
    paragraph.paragraph_format.keep_with_next = True
    return paragraph


def head(paper: Paper, above: str, unit: str, organisation: str, dated: str) -> None:
    """The unit at the left; at the right the organisation, if its papers name it, and the day."""
    left, right = _columns(paper, (7.5, 9))
    if above:
        line(left, above, align=CENTRE)
    line(left, unit, align=CENTRE, bold=True)
    line(left, "*", align=CENTRE)
    if organisation:
        line(right, organisation, align=CENTRE, bold=True, underline=True)
    line(right, dated, align=CENTRE, italic=True, before=6)


def title(paper: Paper, text: str, below: str = "") -> None:
    """What paper this is."""
    line(paper, text, align=CENTRE, bold=True, size=15, before=12)
    if below:
        line(paper, below, align=CENTRE, bold=True)
    line(paper, "–––––––––––", align=CENTRE, size=9)


def signatures(paper: Paper, *columns: tuple[str, str, str, str]) -> None:
    """Who signs, side by side: their part, how, what is known of it already, the name."""
    line(paper)
    cells = _columns(paper, [WIDTH / len(columns)] * len(columns))
    for cell, (part, how, known, name) in zip(cells, columns, strict=True):
        line(cell, part, align=CENTRE, bold=True)
        line(cell, how, align=CENTRE, italic=True, size=11)
        line(cell, known, align=CENTRE, italic=True, size=11)
        for _blank in range(2):
            cell.add_paragraph()
        line(cell, name, align=CENTRE, bold=True)


def grid(paper: Paper, titles: Sequence[str], widths: Sequence[float]) -> Table:
    """A table with a head that comes again on every page."""
    table: Table = paper.add_table(rows=1, cols=len(titles))
    table.style, table.alignment, table.autofit = "Table Grid", WD_TABLE_ALIGNMENT.CENTER, False
    for cell, text in zip(table.rows[0].cells, titles, strict=True):
        line(cell, text, align=CENTRE, bold=True, size=12)
    repeated = OxmlElement("w:tblHeader")
    repeated.set(qn("w:val"), "true")
    table.rows[0]._tr.get_or_add_trPr().append(repeated)
    fit(table, widths)
    return table


def row(
    table: Table,
    cells: Sequence[str],
    aligns: Sequence[WD_ALIGN_PARAGRAPH],
    *,
    height: float = 0,
) -> None:
    """One more row, at least so many centimetres high; it is not torn between two pages."""
    added = table.add_row()  # type: ignore[no-untyped-call]
    whole = OxmlElement("w:cantSplit")
    added._tr.get_or_add_trPr().append(whole)
    if height:
        added.height = Cm(height)
    for cell, text, align in zip(added.cells, cells, aligns, strict=True):
        line(cell, text, align=align, size=12)


def band(table: Table, text: str) -> None:
    """A row across the whole table: the name of what follows."""
    added = table.add_row()  # type: ignore[no-untyped-call]
    line(added.cells[0].merge(added.cells[-1]), text, align=LEFT, bold=True, size=12)


def fit(table: Table, widths: Sequence[float]) -> None:
    """Gives the columns their widths; Word looks at the cells, LibreOffice at the columns."""
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Cm(width)
    for each in table.rows:
        if len({cell._tc for cell in each.cells}) == len(widths):  # none of them is merged
            for cell, width in zip(each.cells, widths, strict=True):
                cell.width = Cm(width)


def marked(paper: Paper, text: str, *, bold: bool = True) -> None:
    """A mark at the top of every page, as "BẢN NHÁP"."""
    for section in paper.sections:
        section.header.is_linked_to_previous = False
        top = section.header.paragraphs[0]
        top.alignment = CENTRE
        run: Run = top.add_run(text)
        run.bold, run.font.size, run.font.name = bold, Pt(12 if bold else 10), FONT


def _columns(paper: Paper, widths: Sequence[float]) -> list[_Cell]:
    table = paper.add_table(rows=1, cols=len(widths))
    table.autofit = False
    fit(table, widths)
    return list(table.rows[0].cells)
