"""Tiny images that answer their health path with the commit that they were built from, as our stacks do."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

DOCKERFILE = """\
FROM node:24-alpine AS system

FROM scratch
COPY --from=system /bin/busybox /bin/busybox
COPY --from=system /lib/ld-musl-* /lib/
COPY www /www
STOPSIGNAL SIGKILL
ENTRYPOINT ["/bin/busybox"]
CMD ["httpd", "-f", "-p", "8080", "-h", "/www"]
"""


def push(
    environment: Mapping[str, str],
    repository: str,
    health: object,
    command: str = "",
    *,
    platforms: tuple[str, ...] = (),
) -> str:
    """Push an image that answers `health`, and give its name with its digest. `command` is another CMD of its own.

    With `platforms` it is an index with an image and an attestation for each, as images.yml makes them.
    """
    with TemporaryDirectory() as folder:
        context = Path(folder)
        (context / "www").mkdir()
        (context / "www/health").write_text(json.dumps(health), encoding="utf-8")
        (context / "Dockerfile").write_text(DOCKERFILE + command, encoding="utf-8")
        output = f"--output=type=image,name={repository},push-by-digest=true,name-canonical=true,push=true"
        metadata = context / "metadata.json"
        options = [f"--provenance={'mode=max' if platforms else 'false'}", output, f"--metadata-file={metadata}"]
        options += [f"--platform={','.join(platforms)}"] if platforms else []
        subprocess.run(
            ["docker", "buildx", "build", *options, folder], env=environment, capture_output=True, check=True
        )
        return f"{repository}@{json.loads(metadata.read_text(encoding='utf-8'))['containerimage.digest']}"
