"""The pipeline: what each job of images.yml takes, run by act on generated projects of 3 and of 12 services.

Every job begins with an empty builder, as a runner on GitHub does: what it need not build, it finds in the cache of the
registry. The builder is one of these runs' own, so that nobody else's is emptied. Jobs are run one after the other; those
that GitHub runs side by side count once, with the longest, in the time of the run.
"""

import os
import re
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from itertools import product
from pathlib import Path

from benchmarks import session as sessions
from benchmarks.engine import engine
from benchmarks.session import Session
from tests.engine import machine
from tests.engine.machine import daemon, daemons
from tests.pipeline import act
from tests.pipeline.shop import Shop, scaffold
from tools.markdown import table

NAME = "pipeline"
BUILDER = "bakegen-bench"
FAN_OUTS = ("platform", "service")
STAGES = ("prepare", "lint", "test", "build", "merge", "release", "images")
TOGETHER = (("prepare",), ("lint", "test"), ("build",), ("merge",), ("release",), ("images",))
PNPM = ("node-worker", "--option=package_manager=pnpm")
SMALL = tuple(f"small-{number}" for number in range(1, 11))
SERVICES: dict[int, dict[str, tuple[str, ...]]] = {
    3: {"api": ("fastapi",), "web": ("static",), "worker": ("python-worker",)},
    12: {**{name: ("dockerfile", f"--path={name}") for name in SMALL}, "mailer": PNPM, "thumbnails": PNPM},
}
CHANGED = {3: "services/api/app/main.py", 12: "small-1/text"}
INSTALL = re.compile(r"\b(npm ci|pip install|pnpm install|uv sync)\b")
DOCKERFILE = """\
FROM node:24-alpine
COPY text /text
RUN sha256sum /text >/sum
STOPSIGNAL SIGKILL
HEALTHCHECK --interval=1s CMD ["test", "-s", "/sum"]
CMD ["sleep", "1000000"]
"""
STEP = re.compile(r"#(?P<number>\d+) (?P<text>\[internal\] load local bake definitions|\[.*\] RUN .*|CACHED|DONE .*)")


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """`seconds` is the longest job of each stage, `jobs` how many there were in all, `together` what they took in all.

    `ran` counts the RUN steps of the build jobs that were run, `cached` those that the cache had, `installs` those of the
    first that install packages. `load` is the machine's load average before the run.
    """

    services: int
    fan_out: str
    cache: str
    seconds: dict[str, float]
    jobs: int
    together: float
    ran: int
    cached: int
    installs: int
    load: float

    @property
    def critical(self) -> float:
        """The time of the run where jobs that do not need each other are run side by side."""
        return sum(max(self.seconds[stage] for stage in stages) for stages in TOGETHER)


def measure() -> None:
    """Run every pipeline twice, and keep what it took. The engine is up, or it is started for this."""
    runs: list[Run] = []
    with engine(), builder(), tempfile.TemporaryDirectory(prefix="bakegen-bench-") as scratch:
        for services, fan_out in product(SERVICES, FAN_OUTS):
            for run in _runs(Path(scratch), services, fan_out):
                runs.append(run)
                sessions.save(NAME, asdict(Session.here(turns=1)), (asdict(run) for run in runs))


def load() -> tuple[Session, list[Run]]:
    """What was measured last."""
    session, rows = sessions.load(NAME)
    return session, [Run(**row) for row in rows]


@contextmanager
def builder() -> Iterator[None]:
    """A BuildKit beside the engine's, for this process and those that it starts."""
    with tempfile.TemporaryDirectory(prefix="bakegen-bench-buildkit-") as folder:
        address = f"unix://{folder}/buildkitd.sock"
        engines = daemons.buildkit()
        own = replace(
            engines,
            name=BUILDER,
            folder=Path(folder),
            command=(*engines.command[:-1], address, "--root", f"{folder}/root"),
            files={},
            ready=lambda: Path(address.removeprefix("unix://")).exists(),
        )
        daemon.start(own)
        try:
            subprocess.run(("docker", "buildx", "rm", BUILDER), check=False, stderr=subprocess.DEVNULL)  # one left over
            create = ("docker", "buildx", "create", "--name", BUILDER, "--driver", "remote", address)
            subprocess.run(create, check=True, stdout=subprocess.DEVNULL)
            yield
        finally:
            subprocess.run(("docker", "buildx", "rm", BUILDER), check=False)
            daemon.stop(own)


def _runs(scratch: Path, services: int, fan_out: str) -> Iterator[Run]:
    """A run without a cache, and one of the next commit, which changes a service."""
    folder = scratch / f"{services}-{fan_out}"
    folder.mkdir()
    shop = scaffold(folder, machine.environment() | {"BUILDX_BUILDER": BUILDER})
    for name in SERVICES[services].keys() & SMALL:
        (shop.folder / name).mkdir()
        (shop.folder / name / "Dockerfile").write_text(DOCKERFILE, encoding="utf-8")
        (shop.folder / name / "text").write_text("One line.\n", encoding="utf-8")
    for name, (stack, *options) in SERVICES[services].items():
        shop.bakegen("add-service", name, f"--stack={stack}", *options)
    shop.configure(pipeline=f'fan_out = "{fan_out}"\n', platforms='["linux/amd64"]', cache='"registry"')
    ports = {f"{name.upper().replace('-', '_')}_PORT": "0" for name in SERVICES[services]}  # any that is free
    shop = shop.with_variables(EMPTY_BUILDER="true", ACT_SECONDS="1800", **ports)
    try:
        for cache in ("cold", "warm"):
            average = os.getloadavg()[0]
            outcome = act.run(shop, act.push())
            if not outcome.ok:
                raise RuntimeError(outcome.log)
            run = read(services, fan_out, cache, outcome, average)
            print(run, flush=True)
            yield run
            file = CHANGED[services]
            shop.commit({file: (shop.folder / file).read_text(encoding="utf-8") + "# One line more.\n"})
    finally:
        _clean(shop, SERVICES[services])


def _clean(shop: Shop, services: Iterable[str]) -> None:
    loaded = [f"{shop.image(service)}:candidate" for service in services]
    shop.command("docker", "image", "rm", "--force", *loaded)


def read(services: int, fan_out: str, cache: str, outcome: act.Outcome, average: float) -> Run:
    """What an outcome of act says."""
    stages = {job: job.partition(" ")[0].partition("-")[0] for job in outcome.seconds}
    seconds = {
        stage: round(max(time for job, time in outcome.seconds.items() if stages[job] == stage), 1) for stage in STAGES
    }
    ran, cached = steps(outcome.log)
    return Run(
        services=services,
        fan_out=fan_out,
        cache=cache,
        seconds=seconds,
        jobs=len(outcome.seconds),
        together=round(sum(outcome.seconds.values()), 1),
        ran=ran.total(),
        cached=cached,
        installs=sum(count for step, count in ran.items() if INSTALL.search(step)),
        load=round(average, 1),
    )


def steps(log: str) -> tuple[Counter[str], int]:
    """The RUN steps of build jobs that were run, and the number of those that came from a cache, in the log of act.

    A step that a cache had may be DONE again afterwards: then what it made was fetched.
    """
    names: dict[str, str] = {}
    known: set[str] = set()
    ran: Counter[str] = Counter()
    cached = 0
    for line in log.splitlines():
        job, _, text = line.partition(": ")
        found = STEP.match(text.strip())
        if not found or not job.startswith("build"):
            continue
        if found["text"].startswith("[internal]"):  # another build begins
            known = set()
        elif found["text"].startswith("["):
            names[found["number"]] = found["text"]
        elif (name := names.pop(found["number"], "")) and name not in known:
            known.add(name)
            cached += found["text"] == "CACHED"
            ran[name] += found["text"] != "CACHED"
    return +ran, cached


def section(session: Session, runs: Sequence[Run]) -> str:
    """The section of docs/benchmarks.md, below its heading."""
    head = (
        "services",
        "fan_out",
        "cache",
        *STAGES[:-1],
        "run",
        "all jobs",
        "jobs",
        "RUN steps",
        "installs",
        "cached",
        "load",
    )
    rows = [tuple(str(cell) for cell in head)]
    rows += [
        (
            str(run.services),
            f"`{run.fan_out}`",
            run.cache,
            *(f"{run.seconds[stage]:.0f} s" for stage in STAGES[:-1]),
            f"{run.critical:.0f} s",
            f"{run.together:.0f} s",
            str(run.jobs),
            str(run.ran),
            str(run.installs),
            str(run.cached),
            f"{run.load:.0f}",
        )
        for run in runs
    ]
    by = {(run.services, run.fan_out, run.cache): run for run in runs}
    beside = [
        f"- {count} services, {cache}: {_ratio(by, count, cache)}."
        for count, cache in product(SERVICES, ("cold", "warm"))
        if all((count, fan_out, cache) in by for fan_out in FAN_OUTS)
    ]
    return "\n".join(
        [
            "What the jobs of images.yml take after a push to the default branch, for linux/amd64 alone: arm64 would be emulated",
            "here. Run by `act` with the real bake, builds, pushes, starts and tests; the actions' own code is replaced, so what",
            "they fetch on GitHub is not in it, nor is the wait for a runner. Each job begins with an empty builder; `cache` is",
            '`"registry"`, filled by the cold run. The warm run is that of a commit with one line changed in one service.',
            "",
            *session.told(run.load for run in runs),
            "",
            table(rows),
            "Seconds of a stage are those of its longest job. **run** is the critical path: `lint` and `test` are side by side",
            "on GitHub, and so are all build jobs; here they ran one after the other, each with the whole machine. **all jobs**",
            "is what is paid for. **RUN steps** are those of the build jobs that had to run, **installs** those of them that",
            "install packages, **cached** those that were found in the cache or were built a moment before by the same job.",
            "",
            'With `fan_out = "service"` beside `"platform"`:',
            "",
            *beside,
            "",
            "Shared by all targets of a `platform` job, and built once: base images, steps that are the same for two services,",
            "and the one install of the pnpm workspace, which each `service` job repeats or takes from the cache. The 3 services",
            "are a FastAPI, a static page and an RQ worker; the 12 are two BullMQ workers in one pnpm workspace, and ten",
            "small images of one RUN step that is the same in all.",
            "`python -m benchmarks pipeline` measures it again.",
            "",
        ]
    )


def _ratio(by: dict[tuple[int, str, str], Run], count: int, cache: str) -> str:
    platform, service = (by[count, fan_out, cache] for fan_out in FAN_OUTS)
    return (
        f"the run takes {service.critical / platform.critical:.2f} times as long, all jobs together "
        f"{service.together / platform.together:.2f} times, with {service.ran} RUN steps instead of {platform.ran}"
    )
