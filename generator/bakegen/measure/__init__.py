"""How large images are, and how long they take to build: what `bakegen measure` does beside talking.

copy.py      a copy of the project, or of one of its commits, that may be changed
builder.py   asks `docker buildx` to build, and reads what came of it
steps.py     BuildKit's progress -> steps and seconds
sizes.py     an image's manifest, configuration and base -> bytes
report.py    figures -> table, Markdown, JSON
details.py   figures -> layers and steps, in the same two shapes
columns.py   rows -> columns of a terminal, a Markdown table
"""

from bakegen.measure.builder import measure
from bakegen.measure.copy import commit, copy
from bakegen.measure.report import data, markdown, over_budget, table

__all__ = ["commit", "copy", "data", "markdown", "measure", "over_budget", "table"]
