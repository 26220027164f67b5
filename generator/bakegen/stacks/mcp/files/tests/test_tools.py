import pytest
from mcp import Client

pytestmark = pytest.mark.anyio


async def test_every_tool_is_listed_with_what_it_takes_and_returns(mcp: Client) -> None:
    tools = {tool.name: tool for tool in (await mcp.list_tools()).tools}
    assert tools.keys() == {"days_between", "measure_text"}
    for tool in tools.values():
        assert tool.description
        assert tool.input_schema["properties"]
        assert tool.output_schema


async def test_the_server_names_itself_and_its_version(mcp: Client) -> None:
    assert mcp.server_info
    assert mcp.server_info.name == "<< service.package >>"
    assert mcp.server_info.version == "v1.2.3"


async def test_a_text_is_measured(mcp: Client) -> None:
    result = await mcp.call_tool("measure_text", {"text": "to be\nor not to be"})
    assert result.structured_content == {"characters": 18, "words": 6, "lines": 2}


async def test_days_are_counted(mcp: Client) -> None:
    days = {"start": "2028-02-28", "end": "2028-03-01"}
    result = await mcp.call_tool("days_between", days)
    assert result.structured_content == {"result": 2}


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("measure_text", {}),
        ("measure_text", {"text": "x" * 100_001}),
        ("days_between", {"start": "yesterday", "end": "2028-03-01"}),
    ],
)
async def test_wrong_arguments_are_an_error_that_a_model_can_read(
    mcp: Client, tool: str, arguments: dict[str, str]
) -> None:
    result = await mcp.call_tool(tool, arguments)
    assert result.is_error
    assert result.content
