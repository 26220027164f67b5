"""A generated project with two tiny images, and what the registry has of them.

`api` stands on a target of the project's own (`base`, in docker-bake.override.hcl), which is built but is no image.
Building them runs no command: emulated arm64 costs nothing.
"""

import json
import re
import subprocess
import sys
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from pathlib import Path
from tempfile import mkdtemp
from urllib.error import HTTPError
from urllib.request import urlopen

from tests.engine.machine import REGISTRY

REPOSITORY = "acme/shop"
SERVICES = ("api", "web")
IMPATIENT = Path(__file__).parent / "impatient"
BOTH_PLATFORMS = ["linux/amd64", "linux/arm64", "unknown/unknown", "unknown/unknown"]  # and their attestations

DOCKERFILE = """\
FROM node:24-alpine AS system

FROM scratch
COPY --from=system /bin/busybox /bin/busybox
COPY --from=system /lib/ld-musl-* /lib/
COPY {service} /service
STOPSIGNAL SIGKILL
HEALTHCHECK --interval=1s --retries=1 CMD ["/bin/busybox", "test", "-s", "/service"]
CMD ["/bin/busybox", "sleep", "1000000"]
"""
OVERRIDE = """\
target "base" {
  inherits          = ["_common"]
  output            = output("base")
  dockerfile-inline = "FROM scratch\\nCOPY docker-bake.hcl /"
}

target "api" {
  contexts = {
    base = "target:base"
  }
}

group "test" {
  targets = ["api-test"]
}

target "api-test" {
  context           = "services/api"
  output            = ["type=cacheonly"]
  dockerfile-inline = "FROM node:24-alpine\\nCOPY api /\\nRUN grep 'This is api' /api"
}
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Shop:
    """`prefix` is the project's own part of the registry, which runs know by its `address`."""

    folder: Path
    prefix: str
    environment: Mapping[str, str]
    address: str = REGISTRY

    def scratch(self) -> Path:
        return Path(mkdtemp(dir=self.folder.parent))

    def with_variables(self, **variables: str) -> "Shop":
        """The same shop; runs have these environment variables, which the stand-ins of actions read."""
        return replace(self, environment={**self.environment, **variables})

    def command(self, *arguments: str, **environment: str) -> str:
        """Run a program in the project, and give what it printed."""
        variables = dict(self.environment) | environment
        done = subprocess.run(arguments, cwd=self.folder, env=variables, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def bakegen(self, *arguments: str) -> None:
        self.command(sys.executable, "-m", "bakegen", *arguments)

    def commit(self, files: Mapping[str, str]) -> None:
        """Write files and commit them."""
        for path, text in files.items():
            (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / path).write_text(text, encoding="utf-8")
        self.command("git", "add", "--all")
        identity = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com")
        self.command("git", *identity, "commit", "--quiet", "--allow-empty", "--message=Change the shop")

    def configure(self, *, pipeline: str = "", **project: str) -> None:
        """Write lines of [pipeline] and values of [project] into bakegen.toml, and commit what comes of it."""
        file, workflow = self.folder / "bakegen.toml", self.folder / ".github/workflows/images.yml"
        text = file.read_text(encoding="utf-8")
        for name, value in project.items():
            text = re.sub(rf"^{name} = .*\n", "", text, flags=re.MULTILINE)
            text = text.replace("[project]\n", f"[project]\n{name} = {value}\n")
        file.write_text(f"{text}\n[pipeline]\n{pipeline}", encoding="utf-8")
        self.bakegen("sync")
        # Two jobs of a matrix are on machines of their own. Here they would start images of the same names at once.
        one = workflow.read_text(encoding="utf-8").replace(
            "fail-fast: false", "fail-fast: false\n      max-parallel: 1"
        )
        self.commit({str(workflow): one})

    def fetch(self) -> None:
        """Know where `main` is on GitHub: here."""
        self.command("git", "update-ref", "refs/remotes/origin/main", "HEAD")

    def branch(self, name: str) -> None:
        """Start a branch from what was pushed."""
        self.fetch()
        self.command("git", "checkout", "--quiet", "-b", name)

    def sha_tag(self) -> str:
        return f"sha-{self.command('git', 'rev-parse', 'HEAD')[:7]}"

    def impatient(self) -> "Shop":
        """The same shop; runs do not wait between attempts."""
        return self.with_variables(PATH=f"{IMPATIENT}:{self.environment['PATH']}")

    def image(self, service: str) -> str:
        return f"{self.address}/{self.prefix}/shop-{service}"

    def repositories(self) -> set[str]:
        """The images that something was pushed to, be it by digest only, without what their names begin with."""
        with urlopen(f"http://{REGISTRY}/v2/_catalog?n=100&last={self.prefix}") as answer:
            names = json.load(answer)["repositories"]
        return {name.removeprefix(f"{self.prefix}/shop-") for name in names if name.startswith(f"{self.prefix}/")}

    def crane(self, command: str, service: str, reference: str) -> str:
        """Ask the registry itself."""
        return self.command("crane", command, f"{REGISTRY}/{self.prefix}/shop-{service}{reference}")

    def tags(self, service: str) -> dict[str, str]:
        """The digest that each tag is on."""
        try:
            with urlopen(f"http://{REGISTRY}/v2/{self.prefix}/shop-{service}/tags/list") as answer:
                tags = json.load(answer)["tags"] or []
        except HTTPError as error:
            if error.code == HTTPStatus.NOT_FOUND:  # so it is for a repository that has no tag
                return {}
            raise
        return {tag: self.crane("digest", service, f":{tag}").strip() for tag in tags}

    def content(self) -> dict[str, dict[str, str]]:
        """All that the project has in the registry: the tags of each image, with their digests."""
        return {service: self.tags(service) for service in sorted(self.repositories())}

    def platforms(self, service: str, tag: str) -> list[str]:
        """The platforms in an index, with `unknown/unknown` for each attestation."""
        index = json.loads(self.crane("manifest", service, f":{tag}"))
        return sorted("{os}/{architecture}".format_map(manifest["platform"]) for manifest in index["manifests"])

    def push_by_digest(self, platform: str) -> dict[str, str]:
        """Push as a build job does; gives the digest of each service."""
        file = self.scratch() / "metadata.json"
        command = ("docker", "buildx", "bake", f"--metadata-file={file}")
        self.command(*command, PUSH_BY_DIGEST="true", PLATFORMS=platform, BUILDX_METADATA_PROVENANCE="disabled")
        metadata = json.loads(file.read_text(encoding="utf-8"))
        return {service: metadata[service]["containerimage.digest"] for service in SERVICES}


def scaffold(folder: Path, environment: Mapping[str, str], address: str = REGISTRY) -> Shop:
    """A project without services, committed, whose images go to a place of the registry that nobody used before."""
    prefix = f"pipeline/{uuid.uuid4().hex[:12]}"
    shop = Shop(folder=folder / "shop", prefix=prefix, environment=environment, address=address)
    shop.folder.mkdir()
    answers = {"project_slug": f"shop-{prefix[-12:]}", "images": f"{address}/{prefix}/shop"}
    shop.bakegen("new", ".", "--preset=empty", *(f"--set={name}={value}" for name, value in answers.items()))
    shop.command("git", "remote", "add", "origin", f"https://github.com/{REPOSITORY}.git")
    return shop


def with_services(folder: Path, environment: Mapping[str, str], address: str = REGISTRY) -> Shop:
    """A project with the two services."""
    shop = scaffold(folder, environment, address)
    files = {f"services/{name}/Dockerfile": DOCKERFILE.format(service=name) for name in SERVICES}
    files["services/api/Dockerfile"] += "COPY --from=base /docker-bake.hcl /\n"
    files |= {f"services/{name}/{name}": f"This is {name}.\n" for name in SERVICES}
    shop.commit(files | {"docker-bake.override.hcl": OVERRIDE})
    for name in SERVICES:
        shop.bakegen("add-service", name, "--stack=dockerfile", f"--path=services/{name}")
    shop.commit({})
    return shop
