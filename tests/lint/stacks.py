"""Services of every stack with every pair of what can be chosen for it, and of every version of its languages.

They come from the catalog, so a new stack is among them without a line here.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest

from bakegen import catalog, rules, service, versions
from bakegen.model import Build, Project, Service, Versions
from bakegen.service import Request
from bakegen.stack import Stack
from tests.pairs import pairs

CATALOG = catalog.load()
PACKAGES = tuple(key.removeprefix("/packages/") for key in CATALOG.files if key.startswith("/packages/"))
OWN_BUILD = Build(args={"INDEX": "https://x/$y"}, secrets=("TOKEN",))


def projects() -> Iterator[tuple[Versions, Sequence[Service]]]:
    """Versions, and services that go with them: every pair of choices in the default versions, one of each elsewhere."""
    nodes, pythons = (CATALOG.languages[name].versions for name in ("node", "python"))
    pnpms = CATALOG.pnpm.versions
    default = Versions(node=nodes[0], python=pythons[0], pnpm=pnpms[0])
    yield default, services(default, [(stack, choice) for stack in brought() for choice in pairs(axes(stack))])
    for node, python, pnpm in zip_longest(nodes[1:], pythons[1:], pnpms[1:]):
        chosen = Versions(node=node or default.node, python=python or default.python, pnpm=pnpm or default.pnpm)
        yield chosen, services(chosen, [(stack, choice) for stack in brought() for choice in managers(stack)])


def brought() -> list[Stack]:
    """The stacks that bring a Dockerfile."""
    return [stack for stack in CATALOG.stacks.values() if "Dockerfile" in stack.managed]


def axes(stack: Stack) -> dict[str, Sequence[str]]:
    """What can be chosen for a service of the stack, and of what has no end something that is worth trying."""
    options = {name: [str(choice).lower() for choice in option.choices] for name, option in stack.options.items()}
    member = "pnpm" in options.get("package_manager", ())
    return options | {"needs": ("", "postgres"), "uses": ("", *PACKAGES) if member else ("",), "own": ("", "own")}


def managers(stack: Stack) -> list[Mapping[str, str]]:
    """A choice for each package manager of the stack, with the default of all else."""
    first = {name: values[0] for name, values in axes(stack).items()}
    return [first | {"package_manager": name} for name in axes(stack).get("package_manager", ())] or [first]


def services(chosen: Versions, wanted: Sequence[tuple[Stack, Mapping[str, str]]]) -> Sequence[Service]:
    """A service for each choice that goes together with these versions, as `bakegen add-service` would make it."""
    project = Project(
        name="Shop",
        slug="shop",
        description="",
        repository="",
        images="",
        platforms=rules.PLATFORMS,
        cache="none",
        versions=chosen,
    )
    for number, (stack, choice) in enumerate(wanted):
        grown = project.with_service(service.add(project, CATALOG, _request(f"{stack.id}-{number}", stack, choice)))
        project = project if any(versions.clashes(grown, CATALOG.languages)) else grown
    return project.services


def _request(name: str, stack: Stack, choice: Mapping[str, str]) -> Request:
    own = choice["own"] == "own"
    uses = choice["uses"] if choice.get("package_manager") == "pnpm" else ""
    needs = "postgres" if uses == "db" else choice["needs"]  # what packages/db reads
    return Request(
        name=name,
        stack=stack.id,
        health="/up" if own and stack.defaults.port else None,
        needs=tuple(filter(None, [needs])),
        budget="200MB" if own else None,
        uses=tuple(filter(None, [uses])),
        options=tuple(f"{option}={choice[option]}" for option in stack.options),
        build=OWN_BUILD if own else Build(),
    )
