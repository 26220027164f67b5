"""What the shell offers behind the tab key."""

from __future__ import annotations

import click

from bakegen import catalog as catalogs
from bakegen.cli.session import Session
from bakegen.errors import UserError


def service_names(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """The project's services; none outside a project."""
    try:
        services = Session.here().project.services
    except UserError:
        return []
    return [service.name for service in services if service.name.startswith(incomplete)]


def stack_names(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """The stacks."""
    return [name for name in catalogs.load().stacks if name.startswith(incomplete)]


def host_names(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """The hosts."""
    return [name for name in catalogs.load().hosts if name.startswith(incomplete)]


def preset_names(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """The presets."""
    return [name for name in catalogs.load().presets if name.startswith(incomplete)]
