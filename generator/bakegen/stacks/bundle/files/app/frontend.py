"""The built frontend: its files, and the page itself for paths that are its own.

With FASTAPI_ENV=development it may be missing: `npm run dev` serves it then.
"""

from collections.abc import Callable
from pathlib import Path

from fastapi import APIRouter, Depends, FastAPI, Response


def serve(app: FastAPI, directory: Path) -> None:
    """Serve what `vite build` made, wherever no other route answers."""
    # The names in assets/ have a hash of what they hold. One that is missing is
    # missing: the page in its place would be kept for a year as well.
    assets = router("public, max-age=31536000, immutable")
    assets.frontend("/assets", directory=directory / "assets", fallback=None)
    app.include_router(assets)

    pages = router("no-cache")
    pages.frontend("/", directory=directory)
    app.include_router(pages)


def router(cache_control: str) -> APIRouter:
    return APIRouter(dependencies=[Depends(header("Cache-Control", cache_control))])


def header(name: str, value: str) -> Callable[[Response], None]:
    def add(response: Response) -> None:
        response.headers[name] = value

    return add
