"""Hypothesis strategies for what a user may ask of bakegen."""

from pathlib import PurePosixPath

from hypothesis import strategies as st

from bakegen.extras import Feature
from bakegen.rules import RESERVED
from bakegen.service import Request
from bakegen.stack import Variable
from tests.world import CATALOG

BACKING = ("postgres", "redis")
TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), max_size=12)


def names() -> st.SearchStrategy[str]:
    """Service names; few letters, so that one is often the start of another."""
    return st.from_regex(r"[a-c][a-c0-1]{0,2}(-[a-c]{1,2})?", fullmatch=True).filter(lambda name: name not in RESERVED)


def variables() -> st.SearchStrategy[tuple[Variable, ...]]:
    """Environment variables with any one-line value, some of them secrets."""
    plain = st.builds(Variable, name=st.sampled_from(("LOG", "MODE", "URL")), value=TEXT, description=TEXT)
    secret = st.builds(Variable, name=st.sampled_from(("KEY", "TOKEN")), secret=st.just(value=True), description=TEXT)
    return st.lists(plain | secret, max_size=3, unique_by=lambda item: item.name).map(tuple)


@st.composite
def additions(draw: st.DrawFn, name: str | None = None, publish: int | None = None) -> Request:
    """One service of any stack, with or without whatever can be said of one."""
    name = name or draw(names())
    stack = draw(st.sampled_from(sorted(CATALOG.stacks)))
    ported = CATALOG.stacks[stack].defaults.port is not None
    return Request(
        name=name,
        stack=stack,
        path=draw(st.sampled_from((None, PurePosixPath("apps", f"{name}.x")))),
        port=draw(st.sampled_from((3000, 8000))) if ported else None,
        publish=publish if ported else None,
        needs=tuple(draw(st.sets(st.sampled_from(BACKING)))),
        env=draw(variables()),
    )


def features() -> st.SearchStrategy[tuple[Feature, ...]]:
    """The features of a project on GitHub's registry: any that can be beside each other."""
    every = st.lists(st.sampled_from([*CATALOG.features.values()]), unique=True)
    names = every.filter(lambda chosen: not {one.id for one in chosen} & {no for one in chosen for no in one.excludes})
    return names.map(lambda chosen: tuple(sorted(chosen, key=lambda feature: feature.id)))


def hosts() -> st.SearchStrategy[tuple[str, ...]]:
    """The hosts of a project: any of them."""
    return st.lists(st.sampled_from([*CATALOG.hosts]), unique=True).map(tuple)


def runs() -> st.SearchStrategy[dict[str, object]]:
    """How a service runs, in keys of the project file that go with any stack."""
    keys = {
        "cpus": st.sampled_from(("0.25", "2")),
        "memory": st.sampled_from(("256MiB", "2GiB")),
        "replicas": st.integers(1, 3),
        "max_replicas": st.integers(3, 9),
        "regions": st.lists(st.sampled_from(("asia", "us-east", "us-west")), min_size=1, unique=True),
        "public": st.booleans(),
        "pre_deploy": st.sampled_from(("./migrate", "sh -c 'a && b'", 'say "$HOME" ${x} `y` %{z}')),
    }
    return st.fixed_dictionaries({}, optional=keys)


@st.composite
def requests(draw: st.DrawFn) -> tuple[Request, ...]:
    """Several services, every one with stack, port and publish given, as law 1 wants them."""
    chosen = draw(st.lists(names(), max_size=4, unique=True))
    return tuple(draw(additions(name, 9000 + index)) for index, name in enumerate(chosen))
