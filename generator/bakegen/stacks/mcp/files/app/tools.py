"""The tools: functions whose types and docstrings are what a model reads of them."""

from datetime import date
from typing import Annotated

from mcp.server import MCPServer
from mcp.types import ToolAnnotations
from pydantic import BaseModel, Field


class TextSize(BaseModel):
    characters: int
    words: int
    lines: int


def measure_text(text: Annotated[str, Field(max_length=100_000)]) -> TextSize:
    """Count the characters, words and lines of a text."""
    return TextSize(
        characters=len(text),
        words=len(text.split()),
        lines=len(text.splitlines()),
    )


def days_between(
    start: Annotated[date, Field(description="The first day, as YYYY-MM-DD")],
    end: Annotated[date, Field(description="The last day, as YYYY-MM-DD")],
) -> int:
    """Count the days from one date to another; negative if that is an earlier one."""
    return (end - start).days


def register(server: MCPServer) -> None:
    """Add every tool to a server. Those that only compute say so to the client."""
    pure = ToolAnnotations(read_only_hint=True, open_world_hint=False)
    server.add_tool(measure_text, annotations=pure)
    server.add_tool(days_between, annotations=pure)
