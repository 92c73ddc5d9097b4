"""Minutes: the document, its way from draft to final, and what is mended after.

`screens` is the committee's, `signing` that of the chair and the minute-taker, `correcting` what
comes after, `forms` the organisation's own form; `document` makes the Word file, `wording` says
what stands in it.
"""
