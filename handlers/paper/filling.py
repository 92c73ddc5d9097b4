"""A form filled in: the places of a Word file, in a sandbox.

A form may come from people. It may say three things: a place (`{{ chu_tri }}`), a list
(`{%p for v in vang_co_ly_do %}`) and a condition (`{%p if ket_thuc %}`). Nothing else of the
language of templates is taken, so it reaches the places and no more, and filling it in takes no
longer than its size. What stands in a place is text, be it a name like "{{ x }}" or a reason
like "<b>".
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from docx.document import Document as Paper
from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

TAKEN = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Getattr,
    nodes.If,
    nodes.For,
    nodes.Not,
)


class Language(ImmutableSandboxedEnvironment):
    """The language of forms: whatever is compiled has been looked at first."""

    def __init__(self) -> None:
        super().__init__(undefined=StrictUndefined, autoescape=True)
        self.globals.clear()

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        said = super()._parse(source, name, filename)
        _look_at(said, inside=False)
        return said


def fill(form: bytes, values: Mapping[str, Any]) -> Paper:
    """The paper; raises jinja2's TemplateError for what is no place, no list and no condition."""
    template = DocxTemplate(io.BytesIO(form))
    template.render(dict(values), jinja_env=Language(), autoescape=True)
    paper: Paper = template.docx  # get_docx() would read the form anew
    return paper


def _look_at(node: nodes.Node, *, inside: bool) -> None:
    """Raises for what forms may not say; `inside` a list there is no other."""
    if not isinstance(node, TAKEN):
        raise TemplateSyntaxError(type(node).__name__.lower(), node.lineno)
    if isinstance(node, nodes.For):
        if inside or node.recursive or node.test is not None:
            raise TemplateSyntaxError("for … for", node.lineno)
        inside = True
    for child in node.iter_child_nodes():
        _look_at(child, inside=inside)
