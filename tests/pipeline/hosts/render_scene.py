"""A Render that runs the old image of each service, and the script that deploys to it."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from .containers import Containers
from .render import KEY, Deploy, Render, Served
from .rollout import Rollout
from .scene import Scene, addresses
from .script import NEW, Images, Script


@dataclass(frozen=True, kw_only=True, slots=True)
class RenderScene(Scene):
    render: Render

    @property
    def settings(self) -> list[str | None]:
        """The images in the settings of the services, by the names of `Images`."""
        return self.named(service.settings for service in self.render.services.values())

    @property
    def orders(self) -> list[tuple[str, str]]:
        """What the server was told to do: service, and `deploy`, `cancel` or `settings`, in order."""
        changing = [request for request in self.render.requests if request.method != "GET"]
        kinds = {"deploys": "deploy", "cancel": "cancel"}
        parts = [request.path.split("/") for request in changing]
        return [(each[2].removeprefix("srv-"), kinds.get(each[-1], "settings")) for each in parts]


@contextmanager
def render_scene(
    project: Path, containers: Containers, images: Mapping[str, Images], *further: str
) -> Iterator[RenderScene]:
    """A Render that also has these further processes, `api-worker` one of `api`."""
    with ExitStack() as stack:
        rollouts, services = {}, []
        known: dict[str, list[str]] = {}
        for name in sorted([*images, *further]):
            service = name.partition("-")[0]
            old = images[service].old
            rollouts[name] = stack.enter_context(Rollout(containers))
            rollouts[name].to(old)
            live = Deploy(id="dep-0", image=old, status="live")
            services.append(Served(name=name, settings=old, rollout=rollouts[name], deploys=[live]))
            known.setdefault(service, []).append(f"srv-{name}")
        render = stack.enter_context(Render(services))
        variables = {
            "RENDER_API_URL": render.url,
            "RENDER_API_KEY": KEY,
            "RENDER_SERVICES": "\n".join(f"{name}={','.join(ids)}" for name, ids in known.items()),
            "HEALTH_URLS": addresses({name: rollouts[name] for name in images}),
            "REVISION": NEW,
        }
        script = Script(project=project, host="render", variables=variables)
        yield RenderScene(script=script, images=images, rollouts=rollouts, render=render)
        assert render.wrong == []
