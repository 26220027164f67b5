"""An impossible answer is refused by both doors in the same words, and leaves no folder behind."""

import pytest

from tests.scaffold.conftest import ROOT, World, tree

IMPOSSIBLE = {
    "project_name": ("", "  ", "two\nlines"),
    "project_slug": ("Shop", "1shop", "shop-", "my shop", "../shop", "a" * 200),
    "description": ("two\nlines", "bell \a"),
    "owner": ("", "acme/shop", "-acme"),
    "images": ("ghcr.io/Acme/shop", "ghcr.io/acme/shop:latest", "https://ghcr.io/acme/shop", "a b"),
}


@pytest.mark.parametrize(
    ("name", "value"),
    [(name, value) for name, values in IMPOSSIBLE.items() for value in values],
)
def test_refused_alike(name: str, value: str, world: World) -> None:
    new = world.run("bakegen", "new", "shop", f"--set={name}={value}")
    assert new.returncode == 2
    assert new.stderr.startswith("error: ")
    assert "\nhint: " in new.stderr
    assert "Traceback" not in new.stderr

    baked = world.run("cookiecutter", "--no-input", str(ROOT), f"{name}={value}")
    assert baked.returncode != 0
    assert new.stderr.strip() in baked.stdout + baked.stderr
    assert "Traceback" not in baked.stdout + baked.stderr
    assert list(world.folder.iterdir()) == []


def test_delimiters_are_refused_alike(world: World) -> None:
    """Typed, because cookiecutter renders the arguments of its command line before anybody sees them."""
    new = world.run("bakegen", "new", "shop", "--set=description=a << b >> c")
    assert new.returncode == 2
    (world.folder / "typed").write_text("Shop\n\na << b >> c\n" + 10 * "\n")
    typed = world.run("bash", "-c", f"cookiecutter {ROOT} < typed")
    assert typed.returncode != 0
    assert new.stderr.strip() in typed.stdout + typed.stderr
    assert [path.name for path in world.folder.iterdir()] == ["typed"]


@pytest.mark.parametrize("name", ["cache", "preset", "python_version", "node_version", "git_init"])
def test_new_refuses_what_is_no_choice(name: str, world: World) -> None:
    new = world.run("bakegen", "new", "shop", f"--set={name}=no-such")
    assert new.returncode == 2
    assert f"{name} = 'no-such' is not possible" in new.stderr
    assert list(world.folder.iterdir()) == []


def test_new_refuses_an_unknown_question(world: World) -> None:
    new = world.run("bakegen", "new", "shop", "--set=colour=red")
    assert new.returncode == 2
    assert "unknown answer: colour" in new.stderr
    assert list(world.folder.iterdir()) == []


@pytest.mark.parametrize("force", [(), ("-f",), ("-f", "-s")], ids=["plain", "overwrite", "skip"])
def test_a_project_is_never_rendered_over(force: tuple[str, ...], world: World) -> None:
    command = ("cookiecutter", "--no-input", str(ROOT), "project_name=Shop", "preset=empty")
    world.ok(*command)
    (world.folder / "shop" / "docker-bake.hcl").write_text("# mine\n")
    before = tree(world.folder / "shop")
    done = world.run(*command, *force)
    assert done.returncode != 0
    assert tree(world.folder / "shop") == before


def test_new_refuses_a_folder_with_a_project(world: World) -> None:
    world.ok("bakegen", "new", "shop", "--preset", "empty")
    before = tree(world.folder / "shop")
    done = world.run("bakegen", "new", "shop", "--preset", "empty")
    assert done.returncode == 2
    assert "the folder holds a project already" in done.stderr
    assert tree(world.folder / "shop") == before
