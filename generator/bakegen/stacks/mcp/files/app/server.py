"""The MCP server, and how it is reached: streamable HTTP at /mcp."""

from mcp.server import MCPServer
from mcp.server.transport_security import TransportSecuritySettings
from starlette.routing import BaseRoute

from app import tools
from app.settings import Settings

# This machine, and what the other services of the project call this one.
LOCAL_HOSTS = (
    "127.0.0.1",
    "[::1]",
    "localhost",
    "<< service.name >>",
)


def create_server(settings: Settings) -> MCPServer:
    server = MCPServer(
        "<< service.package >>",
        version=settings.version,
        subscriptions=False,  # nothing changes, and such a stream never ends
    )
    tools.register(server)
    return server


def routes(server: MCPServer, settings: Settings) -> list[BaseRoute]:
    """Return the endpoint. It keeps no sessions: any replica answers any request.

    Answers are plain JSON and no event streams, which a restart would cut off.
    """
    app = server.streamable_http_app(
        streamable_http_path="/mcp",
        stateless_http=True,
        json_response=True,
        transport_security=security(settings),
    )
    return app.routes


def security(settings: Settings) -> TransportSecuritySettings:
    """Refuse what a web page makes a browser send, but for the origins allowed.

    A page can point a domain of its own at this server (DNS rebinding), but then
    that domain is in the Host header, and the page's address in Origin.
    """
    hosts = (*LOCAL_HOSTS, *settings.allowed_hosts)
    return TransportSecuritySettings(
        enable_dns_rebinding_protection="*" not in hosts,
        allowed_hosts=[pattern for host in hosts for pattern in (host, f"{host}:*")],
        allowed_origins=list(settings.allowed_origins),
    )
