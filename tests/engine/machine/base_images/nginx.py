"""nginxinc/nginx-unprivileged, like its alpine-slim flavour: Debian's nginx, and busybox for all commands.

Debian's library is glibc where the tag says Alpine: a server that others reach over the network. Both are built
with gzip_static, and both have busybox's wget and no curl.
"""

import tomllib
from pathlib import Path

from tests.engine.machine import debian
from tests.engine.machine.base_images.recipe import Recipe, add_user, from_root, link
from tests.engine.machine.base_images.uv import PRODUCT_PINS
from tests.engine.machine.process import run

STREAMS = {"access.log": "/dev/stdout", "error.log": "/dev/stderr"}
SETTINGS = """\
pid /tmp/nginx.pid;
events {}
http {
    include /etc/nginx/mime.types;
    client_body_temp_path /tmp/client_temp;
    proxy_temp_path /tmp/proxy_temp;
    fastcgi_temp_path /tmp/fastcgi_temp;
    uwsgi_temp_path /tmp/uwsgi_temp;
    scgi_temp_path /tmp/scgi_temp;
    server {
        listen 8080;
        root /usr/share/nginx/html;
    }
}
"""
ENTRYPOINT = '#!/bin/sh\nexec "$@"\n'
CONFIG = (
    "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n"
    'ENTRYPOINT ["/docker-entrypoint.sh"]\nEXPOSE 8080\nSTOPSIGNAL SIGQUIT\nUSER 101\n'
    'CMD ["nginx", "-g", "daemon off;"]\n'
)


def recipes() -> tuple[Recipe, ...]:
    """Under the tag that generated Dockerfiles name."""
    tag = tomllib.loads(PRODUCT_PINS.read_text(encoding="utf-8"))["images"]["nginx"]
    return (
        Recipe(
            name="nginxinc/nginx-unprivileged",
            tag=tag,
            dockerfile=from_root(CONFIG),
            fill=_fill,
            source=__file__,
        ),
    )


def _fill(root: Path, arch: str) -> None:
    debian.unpack(root, arch, ("base-files", "base-passwd", "busybox-static", "nginx"))
    for command in run([root / "usr/bin/busybox", "--list"]).split():
        if not (root / "usr/bin" / command).exists():
            link(root, f"usr/bin/{command}", "busybox")
    add_user(root, "nginx", 101, "/var/cache/nginx")
    for name, stream in STREAMS.items():
        link(root, f"var/log/nginx/{name}", stream)
    (root / "etc/nginx/nginx.conf").write_text(SETTINGS, encoding="ascii")
    (root / "docker-entrypoint.sh").write_text(ENTRYPOINT, encoding="ascii")
    (root / "docker-entrypoint.sh").chmod(0o755)
