"""Whether a Word file that somebody sent can be a form; in the process that may die of it.

It says nothing but what `filling` takes, holds no macros, and leads nowhere else: whoever opens
the minutes opens nothing but them. It is filled in once, with lists as long as any.
"""

from __future__ import annotations

import io
import zipfile

import jinja2.debug  # noqa: F401  # else loaded at the first error, when nothing can be loaded
from docx.oxml import parse_xml
from jinja2 import TemplateError, UndefinedError

from handlers.paper.filling import fill
from handlers.paper.form import sample
from storage.sheets import Problem, SheetError, whole_file

LARGEST = 2 * 2**20  # bytes, packed
UNPACKED = 20 * 2**20
PARTS = 200


def problems_of(content: bytes) -> list[Problem]:
    """What keeps a file from being a form; nothing for one that is."""
    try:
        _check_package(content)
        fill(content, sample())
    except SheetError as error:
        return error.problems
    except UndefinedError as error:
        unknown = str(error)[:100]
        return whole_file("the form has a place that is not known: {what}", what=unknown).problems
    except TemplateError as error:
        what = str(error)[:100]
        return whole_file("the form says what a form cannot say: {what}", what=what).problems
    except Exception:  # a broken file breaks its reader in any way it likes
        return whole_file("this is no Word file (.docx) that can be read").problems
    return []


def _check_package(content: bytes) -> None:
    if len(content) > LARGEST:
        raise whole_file("a form has at most {limit} MB", limit=LARGEST // 2**20)
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        parts = package.infolist()
        if len(parts) > PARTS or sum(each.file_size for each in parts) > UNPACKED:
            raise whole_file("the form is too heavy to be read safely")
        for each in parts:
            if each.filename.lower().endswith(".bin"):
                raise whole_file("the form holds a macro; please save it without")
            if each.filename.endswith(".rels") and _leads_out(package.read(each)):
                raise whole_file("the form loads something from elsewhere; please save it without")


def _leads_out(relations: bytes) -> bool:
    """Whether opening the file loads anything from outside; a link to press does not."""
    return any(
        each.get("TargetMode") == "External" and not str(each.get("Type")).endswith("/hyperlink")
        for each in parse_xml(relations)
    )
