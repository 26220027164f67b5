"""Named regions that bakegen keeps inside a file that is otherwise the user's.

A region stands between `<!-- bakegen:NAME -->` and `<!-- /bakegen:NAME -->`. Who deletes the marks owns the text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from bakegen.merge.splice import Splice, splice

REGION = re.compile(rb"<!-- bakegen:([a-z-]+) -->\r?\n(.*?)<!-- /bakegen:\1 -->", re.DOTALL)


def regions(text: bytes) -> dict[str, bytes]:
    """The content of each region, by name; a name that stands twice is nobody's and left out."""
    found = [(match[1].decode(), match[2]) for match in REGION.finditer(text)]
    names = [name for name, _ in found]
    return {name: content for name, content in found if names.count(name) == 1}


def replace(text: bytes, contents: Mapping[str, bytes]) -> bytes:
    """The text with the given regions' content; regions that it does not have are not added."""
    present = regions(text)
    return splice(
        text,
        [
            Splice(match.start(2), match.end(2), contents[name])
            for match in REGION.finditer(text)
            if (name := match[1].decode()) in present and name in contents
        ],
    )
