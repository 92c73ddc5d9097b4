"""A form filled in: the places of a Word file, in a sandbox.

A form may come from people. It reaches the places and nothing else, and what stands in a place is
text, be it a name like "{{ x }}" or a reason like "<b>".
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from docx.document import Document as Paper
from docxtpl import DocxTemplate
from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment


def fill(form: bytes, values: Mapping[str, Any]) -> Paper:
    """The paper; raises jinja2's TemplateError for a place that there is not."""
    template = DocxTemplate(io.BytesIO(form))
    sandbox = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=True)
    template.render(dict(values), jinja_env=sandbox, autoescape=True)
    paper: Paper = template.docx  # get_docx() would read the form anew
    return paper
