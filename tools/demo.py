"""`make demo`: the main job from an empty folder to running containers, on a real engine.

Scaffold with cookiecutter, add a service, check, bake, test, push as CI does, run. Everything is
made in a folder of its own, and that folder, the containers and the images are gone afterwards.
"""

import json
import os
import shutil
import signal
import sys
import tempfile
import tomllib
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from tests.engine import machine
from tools.images import BASES, images
from tools.story import FailureError, Story, table

ROOT = Path(__file__).parent.parent
PLATFORMS = ("linux/amd64", "linux/arm64")
IMAGES = f"{machine.REGISTRY}/demo/shop"
TAG = "demo"
MEGABYTE = 1_000_000

# One Python and one Node image for both platforms: the other platform is emulated here, and slow.
BOTH_PLATFORMS = ("api", "web")
NATIVE = ("worker",)
LANGUAGES = {"api": "python", "web": "node", "worker": "python"}


def main() -> int:
    signal.signal(signal.SIGTERM, _end)
    folder = Path(tempfile.mkdtemp(prefix="bakegen-demo-"))
    story = Story(folder, {})
    try:
        with _engine(story):
            _tell(story)
    except (FailureError, machine.EngineError) as failure:
        print(f"\nerror: {failure}", file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(folder)
    story.say("\n== Times")
    rows = [(title, f"{seconds:.0f} s") for title, seconds in story.times.items()]
    story.say(table([*rows, ("all", f"{sum(story.times.values()):.0f} s")]))
    return 0


def _end(_signal: int, _frame: FrameType | None) -> None:
    sys.exit(1)


@contextmanager
def _engine(story: Story) -> Iterator[None]:
    """The engine for this story, stopped afterwards if it was not up before."""
    with story.chapter("Start a container engine of our own (first time: build it)"):
        started = machine.up()
        environment = machine.environment()
        path = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
        story.environment = environment | {"PATH": path}
    try:
        yield
    finally:
        if started:
            machine.down()


def _tell(story: Story) -> None:
    with story.chapter("Scaffold a project"):
        answers = f"project_name=Shop owner=acme images={IMAGES}"
        story.run(f"cookiecutter --no-input {ROOT} {answers}")
    story.folder /= "shop"
    try:
        _grow(story)
        _build(story)
        _publish(story)
        _start(story)
    finally:
        _clean(story)


def _grow(story: Story) -> None:
    with story.chapter("Add a service, see that everything is in step"):
        story.run("bakegen add-service worker")
        story.run("bakegen check")
        story.run("bakegen list")
        story.run("git --no-pager diff --stat")


def _build(story: Story) -> None:
    with story.chapter("Build all images for this machine"):
        story.quietly("docker buildx bake --progress=plain")
    with story.chapter("Run the tests of all services"):
        story.quietly("docker buildx bake --progress=plain test")


def _publish(story: Story) -> None:
    both = " ".join(BOTH_PLATFORMS)
    for platform in PLATFORMS:
        metadata = f"../{platform.replace('/', '-')}.json"
        with story.chapter(f"Push {' and '.join(BOTH_PLATFORMS)} for {platform} by digest, as a CI job does"):
            bake = f"docker buildx bake --progress=plain --metadata-file {metadata} {both}"
            story.quietly(bake, PUSH_BY_DIGEST="true", PLATFORMS=platform)
    with story.chapter("Merge the digests under one tag, as the last CI job does"):
        for service in BOTH_PLATFORMS:
            name = f"{IMAGES}-{service}"
            digests = " ".join(f"{name}@{_digest(story, platform, service)}" for platform in PLATFORMS)
            story.quietly(f"docker buildx imagetools create --tag {name}:{TAG} {digests}")
    with story.chapter(f"Push {' and '.join(NATIVE)} for this machine's platform"):
        story.quietly(f"docker buildx bake --progress=plain {' '.join(NATIVE)}", PUSH="true", TAGS=TAG)
    with story.chapter("What the registry has now"):
        story.say(_registry(story))


def _digest(story: Story, platform: str, service: str) -> str:
    text = (story.folder.parent / f"{platform.replace('/', '-')}.json").read_text()
    digest: str = json.loads(text)[service]["containerimage.digest"]
    return digest


def _registry(story: Story) -> str:
    """A table of what was pushed, with compressed sizes."""
    rows: list[tuple[str, ...]] = [("image", "platform", "MB", "MB above the base image")]
    for service, language in sorted(LANGUAGES.items()):
        reference = f"{IMAGES}-{service}:{TAG}"
        found = images(
            reference,
            f"{machine.REGISTRY}/{BASES[language]}",
            lambda name: story.ask(f"docker buildx imagetools inspect --raw {name}"),
        )
        expected = set(PLATFORMS) if service in BOTH_PLATFORMS else {found[0].platform}
        if {image.platform for image in found} != expected:
            raise FailureError(f"{reference} has {[image.platform for image in found]}, not {sorted(expected)}")
        rows += [
            (reference, image.platform, f"{image.total / MEGABYTE:.1f}", f"{image.above / MEGABYTE:.1f}")
            for image in found
        ]
    return table(rows)


def _start(story: Story) -> None:
    with story.chapter("Run what was pushed, and ask for its health"):
        up = "docker compose -f compose.yaml up --detach --wait --quiet-pull --pull always"
        story.quietly(up, TAG=TAG)
        story.run("docker compose -f compose.yaml ps --format 'table {{.Service}}\t{{.Image}}\t{{.Status}}'", TAG=TAG)
        services = tomllib.loads((story.folder / "bakegen.toml").read_text())["services"]
        for name, service in sorted(services.items()):
            if "publish" in service:
                _ask_health(story, name, f"http://127.0.0.1:{service['publish']}{service['health']}")


def _ask_health(story: Story, name: str, address: str) -> None:
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:  # noqa: S310 (our own address)
            story.say(f"{name}: {address} answers {answer.status} {answer.read().decode().strip()}")
    except OSError as error:
        raise FailureError(f"{name}: {address}: {error}") from error


def _clean(story: Story) -> None:
    """Take away containers, volumes and images, whatever of them there is."""
    story.say("\n== Clean up")
    if (story.folder / "compose.yaml").is_file():
        story.ask("docker compose -f compose.yaml down --volumes --remove-orphans --timeout 5", TAG=TAG)
    names = [f"{IMAGES}-{service}:{tag}" for service in LANGUAGES for tag in (TAG, "latest")]
    left = [name for name in names if story.ask(f"docker image ls --quiet {name}")]
    if left:
        story.ask(f"docker image rm --force {' '.join(left)}")


if __name__ == "__main__":
    sys.exit(main())
