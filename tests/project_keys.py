"""Keys of bakegen.toml, written into it as a user would: by hand, before `bakegen sync`."""

import json
import re
from collections.abc import Mapping


def with_keys(text: str, keys: Mapping[str, object]) -> str:
    """The text with these keys of `[project]` and `[pipeline]`, that are named with their table: `project.mirrors`."""
    pipeline = [_line(key, value) for key, value in keys.items() if key.startswith("pipeline.")]
    for key, value in keys.items():
        if key.startswith("project."):
            text = re.sub(rf"(?m)^{key.removeprefix('project.')} = .*\n", "", text)
            line = _line(key, value).replace("\\", r"\\")
            text = re.sub(r"(?m)^cache = .*$", rf"\g<0>\n{line}", text, count=1)
    return "\n".join([text, "[pipeline]", *pipeline, ""]) if pipeline else text


def _line(key: str, value: object) -> str:
    return f"{key.partition('.')[2]} = {json.dumps(value, ensure_ascii=False)}"
