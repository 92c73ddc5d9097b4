"""Papers as people here know them, as Word files made in code with python-docx.

python-docx is slow to load, so nobody imports `pieces`, `form` or `filling` at the top of a
module: only the function that builds the bytes does, off the loop.
"""
