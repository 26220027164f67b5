"""What `bakegen measure` reads off a build: steps and seconds, layers and bytes, and how it tells them."""

import io
import json
import subprocess
import tarfile
from hashlib import sha256
from pathlib import Path, PurePosixPath

import pytest

from bakegen.errors import UserError
from bakegen.measure import commit, copy, data, details, markdown, over_budget, table
from bakegen.measure.builder import Figures, TimedBuild
from bakegen.measure.copy import change_a_line
from bakegen.measure.sizes import base_image, images
from bakegen.measure.steps import Step, steps, vertexes
from bakegen.service import Request
from tests.world import World


def vertex(name: str, **more: object) -> str:
    entry = {"digest": name, "name": name, "started": "2026-11-21T08:00:00.5Z", **more}
    return json.dumps({"vertexes": [entry]}) + "\n"


DONE = {"completed": "2026-11-21T08:00:02.123456789Z"}


def test_steps_are_those_of_the_dockerfile() -> None:
    progress = (
        vertex("[internal] load build definition from Dockerfile", **DONE)
        + "not JSON\n[]\n"
        + vertex("[web build 2/4] RUN npm ci")
        + vertex("[web build 2/4] RUN npm ci", **DONE)
        + vertex("[1/2] FROM scratch", cached=True, **DONE)
        + vertex("[1/2] WORKDIR /app", cached=True, **DONE)
        + vertex("[2/2] COPY --link . .", **DONE)
        + vertex("[2/2] LINK COPY --link . .", **DONE)
        + vertex("[deps 1/1] RUN was interrupted")
        + vertex("exporting to image", **DONE)
    )
    assert steps(progress) == (
        Step(name="[web build 2/4] RUN npm ci", seconds=1.623456, cached=False),
        Step(name="[1/2] WORKDIR /app", seconds=0.0, cached=True),
        Step(name="[2/2] COPY --link . .", seconds=3.246912, cached=False),
    )


def test_a_step_of_two_targets_is_one_of_each() -> None:
    shared = {"digest": "sha256:1", "inputs": ["sha256:0"], **DONE}
    progress = vertex("[api deps 2/4] RUN x", **shared) + vertex("[worker deps 2/4] RUN x", cached=True, **shared)
    assert [(each.digest, each.name, each.inputs, each.cached) for each in vertexes(progress)] == [
        ("sha256:1", "[api deps 2/4] RUN x", ("sha256:0",), False),
        ("sha256:1", "[worker deps 2/4] RUN x", ("sha256:0",), True),
    ]


@pytest.mark.parametrize(
    ("dockerfile", "target", "image"),
    [
        ("FROM alpine:3", None, "alpine:3"),
        ("FROM a AS x\nFROM b AS y\nFROM x", None, "a"),
        ("FROM a AS x\nFROM b AS y", "X", "a"),
        ("ARG V=3\nFROM --platform=$BUILDPLATFORM node:${V}-slim AS x\nFROM x AS y", None, "node:3-slim"),
        ("FROM scratch", None, None),
        ("ARG V\nFROM node:$V", None, None),
        ("FROM a AS x\nRUN <<E\nFROM b\nE", None, "a"),
        ("FROM a AS x", "missing", None),
    ],
)
def test_base_image(dockerfile: str, target: str | None, image: str | None) -> None:
    assert base_image(dockerfile.encode(), target) == image


def archive(folder: Path, name: str, layers: dict[str, str]) -> Path:
    """An OCI archive of one image, with an attestation beside it; the sizes are those of the layers' texts."""
    blobs: dict[str, bytes] = {}

    def put(value: bytes) -> str:
        digest = sha256(value).hexdigest()
        blobs[f"blobs/sha256/{digest}"] = value
        return f"sha256:{digest}"

    history = [{"created_by": made} for made in layers] + [{"created_by": "ENV A=1", "empty_layer": True}]
    config = put(json.dumps({"os": "linux", "architecture": "amd64", "history": history}).encode())
    entries = [{"digest": put(text.encode()), "size": len(text)} for text in layers.values()]
    manifest = put(json.dumps({"config": {"digest": config}, "layers": entries}).encode())
    attestation = {"digest": "sha256:0", "platform": {"os": "unknown", "architecture": "unknown"}}
    inner = put(json.dumps({"manifests": [{"digest": manifest}, attestation]}).encode())
    blobs["index.json"] = json.dumps({"manifests": [{"digest": inner}]}).encode()
    with tarfile.open(folder / name, "w") as tar:
        for path, value in blobs.items():
            entry = tarfile.TarInfo(path)
            entry.size = len(value)
            tar.addfile(entry, io.BytesIO(value))
    return folder / name


def test_layers_above_the_base(tmp_path: Path) -> None:
    base = archive(tmp_path, "base.tar", {"ADD root": "12345"})
    whole = archive(tmp_path, "image.tar", {"ADD root": "12345", "COPY app": "123"})
    (image,) = images(whole, base)
    assert (image.platform, image.total, image.above) == ("linux/amd64", 8, 3)
    assert [(layer.made_by, layer.size, layer.base) for layer in image.layers] == [
        ("ADD root", 5, True),
        ("COPY app", 3, False),
    ]
    assert images(whole, None)[0].above == 8


BUILD = "[build 2/3] RUN --mount=type=cache,target=/root/.npm     npm ci | cat"


def figures(tmp_path: Path, text: str, line: TimedBuild | None) -> Figures:
    folder = Step(name="[build 1/3] WORKDIR /app", seconds=0.0, cached=True)
    cold = TimedBuild(seconds=2.04, steps=(folder, Step(name=BUILD, seconds=1.5, cached=False)))
    warm = TimedBuild(seconds=0.26, steps=(Step(name=BUILD, seconds=0.0, cached=True),))
    base = archive(tmp_path, "base.tar", {"ADD root / # buildkit": "12345"})
    layers = {
        "ADD root / # buildkit": "12345",
        "RUN |1 A=b c /bin/sh -c npm ci # buildkit": text,
        "WORKDIR `": "1" * 93,
    }
    whole = images(archive(tmp_path, "image.tar", layers), base)
    return Figures(service="api", images=whole, cold=cold, warm=warm, line=line)


def test_summary(tmp_path: Path) -> None:
    now = figures(tmp_path, "x" * 1_250_000, TimedBuild(seconds=1.0, steps=()))
    assert table([now], {}) == [
        "service  platform      image  above base   cold  no change  one line",
        "api      linux/amd64  1.3 MB      1.3 MB  2.0 s      0.3 s     1.0 s",
    ]
    before = figures(tmp_path, "x" * 3_000_000, None)
    assert table([now], {"api": before})[2:] == [
        "         before       3.0 MB      3.0 MB  2.0 s      0.3 s         -",
    ]
    assert markdown([now], {"api": before}) == [
        "| service | platform | image | above base | cold | no change | one line |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: |",
        "| api | linux/amd64 | 1.3 MB | 1.3 MB | 2.0 s | 0.3 s | 1.0 s |",
        "|  | before | 3.0 MB | 3.0 MB | 2.0 s | 0.3 s | - |",
    ]


def test_details(tmp_path: Path) -> None:
    copied = TimedBuild(seconds=1.0, steps=(Step(name="[build 3/3] COPY . .", seconds=0.04, cached=False),))
    now = figures(tmp_path, "x" * 1_250, copied)
    assert details.text(now, "", None) == [
        "",
        "api: layers for linux/amd64",
        "  size  base  layer",
        "   5 B  base  ADD root /",
        "1.2 kB        RUN npm ci",
        "  93 B        WORKDIR `",
        "",
        "api: steps",
        " cold  no change  one line  step",
        "1.5 s     cached         -  [build 2/3] RUN npm ci | cat",
        "    -          -     0.0 s  [build 3/3] COPY . .",
    ]
    assert details.text(now, " at main", 40)[-2:] == [
        "1.5 s     cached         -  [build 2/3]…",
        "    -          -     0.0 s  [build 3/3]…",
    ]
    told = details.markdown(now, " at main")
    assert told[1] == "<details><summary>api at main: layers and steps</summary>"
    assert "| 93 B |  | `` WORKDIR ` `` |" in told
    assert "| 1.5 s | cached | - | `[build 2/3] RUN npm ci \\| cat` |" in told
    assert told[-1] == "</details>"


def test_json_has_everything(tmp_path: Path) -> None:
    (told,) = data([figures(tmp_path, "x" * 3_000_000, None)])
    assert sorted(told["builds"]) == ["cold", "warm"]
    assert told["builds"]["cold"]["steps"] == [
        {"name": "[build 1/3] WORKDIR /app", "seconds": 0.0, "cached": True},
        {"name": BUILD, "seconds": 1.5, "cached": False},
    ]
    assert (told["images"][0]["size"], told["images"][0]["above_base"]) == (3_000_098, 3_000_093)
    assert told["images"][0]["layers"][1]["made_by"] == "RUN |1 A=b c /bin/sh -c npm ci # buildkit"


@pytest.mark.parametrize(("budget", "over"), [(None, []), ("1.3MB", []), ("1250kB", []), ("1.2MB", ["api"])])
def test_what_is_over_its_budget_is_said(tmp_path: Path, budget: str | None, over: list[str]) -> None:
    project = World.new(requests=[Request(name="api", budget=budget)]).project
    said = over_budget(project, [figures(tmp_path, "x" * (1_250_000 - 98), None)])
    assert said == [f"{name} for linux/amd64 weighs 1250000 bytes, and its budget is {budget}" for name in over]


def test_a_line_is_changed_where_that_is_known_how(tmp_path: Path) -> None:
    for name in ("a.py", "b.svelte", "c.bin"):
        (tmp_path / name).write_text("x\n")
    assert change_a_line(tmp_path, PurePosixPath("a.py"))
    first = (tmp_path / "a.py").read_text()
    assert first.startswith("x\n# ")
    assert change_a_line(tmp_path, PurePosixPath("b.svelte"))
    assert (tmp_path / "b.svelte").read_text().startswith("x\n<!-- ")
    assert not change_a_line(tmp_path, PurePosixPath("c.bin"))
    assert not change_a_line(tmp_path, PurePosixPath("missing.py"))


def git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com")
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    (root / "node_modules").mkdir(parents=True)
    for name, text in {"a": "1", "node_modules/x": "1", ".gitignore": "node_modules/\n"}.items():
        (root / name).write_text(text)
    return root


def test_a_copy_has_what_git_does_not_ignore(project: Path, tmp_path: Path) -> None:
    copy(project, tmp_path / "without")
    assert sorted(path.name for path in (tmp_path / "without").iterdir()) == [".gitignore", "a"]
    git(project, "init", "--quiet")
    git(project, "add", "a")
    (project / "new").write_text("2")
    (project / "a").write_text("edited")
    copy(project, tmp_path / "with")
    assert {path.name: path.read_text() for path in (tmp_path / "with").iterdir()} == {
        ".gitignore": "node_modules/\n",
        "a": "edited",
        "new": "2",
    }


def test_a_commit_is_as_it_was(project: Path, tmp_path: Path) -> None:
    git(project, "init", "--quiet")
    git(project, "add", "--all")
    git(project, "commit", "--quiet", "--message=first")
    (project / "a").write_text("edited")
    commit(project, "HEAD", tmp_path / "then")
    assert (tmp_path / "then" / "a").read_text() == "1"
    for reference in ("nowhere", "--output=x"):
        with pytest.raises(UserError, match="no commit goes by the name of"):
            commit(project, reference, tmp_path / "never")
