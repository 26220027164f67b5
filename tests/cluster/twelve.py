"""A generated project of twelve tiny services that builds on a pool of BuildKit pods (`builder = "kubernetes"`)."""

import re
from collections.abc import Mapping
from pathlib import Path

import yaml

from tests.engine.machine.emulation import NATIVE
from tests.pipeline.shop import DOCKERFILE, Shop, scaffold

SERVICES = (
    "account", "basket", "billing", "catalog", "mail", "media", "order", "price", "review", "search", "stock", "web",
)  # fmt: skip
LINKED = {"order", "stock"}  # both are built on a target of their own
BASE = """\
target "base" {
  inherits          = ["_common"]
  output            = ["type=cacheonly"]
  dockerfile-inline = "FROM scratch\\nCOPY docker-bake.hcl /"
}
"""
ON_BASE = """
target "{}" {{
  contexts = {{
    base = "target:base"
  }}
}}
"""
FROM_BASE = "COPY --from=base /docker-bake.hcl /\n"


def project(folder: Path, environment: Mapping[str, str]) -> Shop:
    """For the one platform that the node can build; committed."""
    shop = scaffold(folder, environment)
    answers = (shop.folder / "bakegen.toml").read_text(encoding="utf-8")
    answers += "".join(f'\n[services.{name}]\nstack = "dockerfile"\npath = "services/{name}"\n' for name in SERVICES)
    overrides = BASE + "".join(ON_BASE.format(name) for name in sorted(LINKED))
    files = {"bakegen.toml": answers, "docker-bake.override.hcl": overrides}
    for name in SERVICES:
        files[f"services/{name}/Dockerfile"] = DOCKERFILE.format(service=name) + FROM_BASE * (name in LINKED)
        files[f"services/{name}/{name}"] = f"This is {name}.\n"
    shop.commit(files)
    shop.configure(pipeline='builder = "kubernetes"\n', platforms=f'["linux/{NATIVE}"]')
    return shop


def builder_options(shop: Shop) -> list[str]:
    """The options of the builder that images.yml makes, where no variable of the repository is set."""
    workflow = yaml.safe_load((shop.folder / ".github/workflows/images.yml").read_text(encoding="utf-8"))
    steps = workflow["jobs"][f"build-{NATIVE}"]["steps"]
    (options,) = [step["with"]["driver-opts"] for step in steps if step.get("with", {}).get("driver") == "kubernetes"]
    text = re.sub(r"\$\{\{ vars\.\w+(?: \|\| '(.*?)')? \}\}", r"\1", options)
    return [line for line in text.splitlines() if line]
