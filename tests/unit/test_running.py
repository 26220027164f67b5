"""How a service runs, in bakegen.toml: read, printed in order, and refused where it does not go together."""

from dataclasses import replace

import pytest

from bakegen import keys, project_file, project_reader, running
from bakegen.errors import UserError
from bakegen.model import Process, Setting
from bakegen.project_text import service_answers
from bakegen.stack import Variable
from tests.unit.test_project_reader import GOOD, check_error, named
from tests.world import CATALOG, member, scaffold

KEYS = """cpus = "0.5"
memory = "1GiB"
replicas = 2
max_replicas = 6
regions = ["asia", "us-east"]
domains = ["a.example.com", "b.example.com"]
pre_deploy = "node dist/migrate.js"
[services.api.processes]
mail = "python -m app.mail"
worker = "sh -c 'a && b'"
"""


def test_defaults() -> None:
    project = project_reader.load(GOOD.encode(), CATALOG)
    service = project.service("api")
    assert project.region == "eu"
    assert (service.run.cpus, service.run.millicpus) == ("1", 1000)
    assert (service.run.memory, service.run.memory_mib) == ("512MiB", 512)
    assert (service.run.replicas, service.run.max_replicas, service.run.regions) == (1, None, ())
    assert service.public


def test_every_key_is_read_and_printed_again() -> None:
    service = project_reader.load((GOOD + KEYS).encode(), CATALOG).service("api")
    assert (service.run.millicpus, service.run.memory_mib) == (500, 1024)
    assert service.run.processes == {"mail": "python -m app.mail", "worker": "sh -c 'a && b'"}
    block = project_file.block(service)
    assert block.endswith("\n" + KEYS.rstrip())
    again = project_reader.load((GOOD[: GOOD.index("[services.api]")] + block).encode(), CATALOG)
    assert again.service("api") == service
    assert set(running.KEYS) <= keys.SERVICE.keys()


def test_what_is_stated_is_printed_even_where_it_is_the_default() -> None:
    service = project_reader.load((GOOD + "replicas = 1\n").encode(), CATALOG).service("api")
    assert service_answers(service)["replicas"] == 1


def test_order_and_repetition_in_lists_mean_nothing() -> None:
    texts = ('regions = ["us-east", "asia", "asia"]\n', 'regions = ["asia", "us-east"]\n')
    one, other = (project_reader.load((GOOD + text).encode(), CATALOG) for text in texts)
    assert one == other


def test_what_does_not_scale_by_load_has_as_many_as_it_may() -> None:
    run = project_reader.load((GOOD + "replicas = 3\nmax_replicas = 3\n").encode(), CATALOG).service("api").run
    assert (run.replicas, run.max_replicas) == (3, 3)


def test_a_service_without_a_port_is_not_public() -> None:
    assert not member(scaffold(), "jobs", "python-worker").public
    api = member(scaffold(), "api")
    assert not replace(api, run=replace(api.run, public=False)).public


@pytest.mark.parametrize(
    ("line", "message", "hint"),
    [
        ('cpus = "0"', 'services.api.cpus = "0" is not possible', "cores, as text: 0.5"),
        ("cpus = 1", "services.api.cpus must be a string", 'for example: cpus = "0.5"'),
        ('memory = "512MB"', 'services.api.memory = "512MB" is not possible', "a size in MiB or GiB: 512MiB"),
        ("replicas = 0", "services.api.replicas = 0 is not possible", "a number from 1 to 100"),
        ('regions = ["mars"]', 'services.api.regions = ["mars"] is not possible', "one of: asia, eu, us-east, us-west"),
        ('regions = ["eu"]', "services.api.regions has eu, where the project is anyway", "take it out"),
        (
            'domains = ["https://x.com"]',
            'services.api.domains = ["https://x.com"] is not possible',
            "a domain in lower case, without https://: api.example.com",
        ),
        (
            'public = false\ndomains = ["x.com"]',
            "services.api.domains is for services that are public",
            "take out: public = false",
        ),
        ("replicas = 3\nmax_replicas = 2", "services.api.max_replicas is 2, and replicas 3", "at least 3"),
        (
            'pre_deploy = " "',
            'services.api.pre_deploy = " " is not possible',
            "a command on one line: node dist/migrate.js",
        ),
        (
            'pre_deploy = "say \'x"',
            "services.api.pre_deploy cannot be split into words: no closing quotation",
            "close the quotes",
        ),
        (
            "[services.api.processes]\na = 'x'\nbeat = \"say 'x\"",
            "services.api.processes.beat cannot be split into words: no closing quotation",
            "close the quotes",
        ),
        ("[services.api.processes]\nBad = 'x'", "'Bad' is not the name of a process", "at most 40 lower-case letters"),
        (
            "pre_deploy = 'a'\n[services.api.processes]\npre-deploy = 'b'",
            "services.api.processes has a pre-deploy, which is what hosts call the command before a deployment",
            "give the process another name",
        ),
        ("[services.api.processes]\nx = 1", "x must be one line of text", 'for example: x = "python -m app.worker"'),
    ],
)
def test_impossible(line: str, message: str, hint: str) -> None:
    with pytest.raises(UserError) as caught:
        project_reader.load(f"{GOOD}{line}\n".encode(), CATALOG)
    assert caught.value.message == message
    assert hint in caught.value.hint
    assert caught.value.where == f"bakegen.toml:{GOOD.count(chr(10)) + line.count(chr(10)) + 1}"


def test_a_domain_is_of_one_service() -> None:
    domain = 'domains = ["x.com"]\n'
    check_error(
        GOOD + domain + named("b") + domain,
        f":{(GOOD + domain + named('b') + domain).count(chr(10))}",
        "x.com is a domain of api and of b",
        "take it out of one of them",
    )


def test_a_domain_needs_a_port() -> None:
    text = GOOD + '[services.jobs]\nstack = "python-worker"\npath = "jobs"\ndomains = ["x.com"]\n'
    check_error(text, f":{text.count(chr(10))}", "services.jobs.domains needs a port", "add: port = 8000")


def test_a_process_has_a_name_of_its_own() -> None:
    text = GOOD + "[services.api.processes]\nx = 'y'\n" + named("api-x")
    check_error(text, ":16", "api-x is the process x of api, and a service", "give one another name")


def test_processes_of_two_services_have_names_of_their_own() -> None:
    text = GOOD + "[services.api.processes]\nx-y = 'y'\n" + named("api-x") + "[services.api-x.processes]\ny = 'y'\n"
    message = "api-x-y is the process y of api-x, and the process x-y of api"
    check_error(text, f":{text.count(chr(10))}", message, "give one another name")


def test_the_name_of_a_process_fits_where_it_runs() -> None:
    service, process = "a" * 40, "b" * 23
    text = GOOD + named(service) + f"[services.{service}.processes]\n{process} = 'y'\n"
    message = f"{service}-{process}, the process {process} of {service}, has a name of 64 letters"
    check_error(text, f":{text.count(chr(10))}", message, "at most 63")
    fits = project_reader.load(text.replace(process, process[1:]).encode(), CATALOG)
    assert max(len(each.name) for each in fits.processes) == 63


def test_processes() -> None:
    project = project_reader.load((GOOD + KEYS + named("api-a")).encode(), CATALOG)
    api, other = project.service("api"), project.service("api-a")
    assert project.processes == (
        Process(name="api", service=api),
        Process(name="api-a", service=other),
        Process(name="api-mail", service=api, command="python -m app.mail"),
        Process(name="api-worker", service=api, command="sh -c 'a && b'"),
    )


def test_environment() -> None:
    project = scaffold().with_service(member(scaffold(), "api"))
    env = (
        Variable(name="DATABASE_URL", value="sqlite://"),
        Variable(name="KEY", secret=True, description="Opens doors"),
        Variable(name="LOG_LEVEL", value="debug"),
    )
    web = member(project, "web", "nextjs", needs=("api", "postgres", "redis"), env=env)
    project = project.with_service(web)
    assert project.environment(web) == (
        Setting(name="API_URL", kind="service", service=project.service("api"), description="Address of api"),
        Setting(name="DATABASE_URL", kind="value", value="sqlite://"),
        Setting(name="KEY", kind="secret", description="Opens doors"),
        Setting(name="LOG_LEVEL", kind="value", value="debug"),
        Setting(name="REDIS_URL", kind="redis", description="Address of redis"),
    )
