"""Which variables code reads, and which of them it fails without, by its own words."""

import pytest

from bakegen.reads import READERS, Read, reads
from bakegen.reads.read import Kind
from tests.world import CATALOG

SETTINGS = "class Settings(BaseSettings):\n    {}\n"
OURS = """\
@dataclass(frozen=True)
class Settings:
    {}

    @classmethod
    def from_environment(cls, environment):
        local: str
        return cls()
"""
SCHEMA = "z.object({{ A: {} }}).parse(process.env)"


def test_every_language_has_a_reader() -> None:
    assert READERS.keys() == CATALOG.languages.keys()


def node(text: str, kind: Kind) -> set[str]:
    return {read.name for read in reads(text, "node") if read.kind == kind}


def python(text: str, kind: Kind) -> set[str]:
    return {read.name for read in reads(text, "python") if read.kind == kind}


@pytest.mark.parametrize(
    "text",
    [
        SCHEMA.format("z.string().min(1)"),
        "z.object({ A: z.string().min(1), B: z.string().default('b') }).parse(process.env)",
        "z.object({\n  A: z.coerce\n    .number(),\n}).parse(process.env)",
        "import { A } from '$env/static/private';",
        "import { A as b } from '$env/static/public';",
    ],
)
def test_javascript_that_fails_without(text: str) -> None:
    assert node(text, "needed") == {"A"}


@pytest.mark.parametrize(
    "text",
    [
        "const a = process.env.A;",
        "f(process.env['A'])",
        "f(process.env?.A)",
        "f(process.env?.['A'])",
        "const a = process.env\n  .A!;",
        "const a = process.env.A;\nif (!a) throw new Error();",
        "if (!process.env.A) throw new Error();",
        "const { A } = process.env;",
        "const { B = '1', A: a } = process.env; f(a);",
        "constructor(env: NodeJS.ProcessEnv) {\n const { A } = environment;\n if (!A) throw new Error();",
        "const text = `at ${process.env.A}`;",
        "import { env } from '$env/dynamic/private'; f(env.A);",
        "const a = import.meta.env.A;",
        "const { A } = import.meta.env;",
        "Sentry.init({ dsn: process.env.A });",
        "if (process.env.A != null) f();",
        "if (token === process.env.A) f();",
        "if (!x || !process.env.A) f();",
        "while (process.env.A) f();",
        "console.log(process.env.A)",
        "const on = !!process.env.A;",
        "if (process.env.A === 'x') f();",
        "if (process.env.A == 'x') f();",
    ],
)
def test_javascript_that_may_do_without(text: str) -> None:
    assert node(text, "needed") == set()
    assert node(text, "plain") == {"A"}


@pytest.mark.parametrize(
    "text",
    [
        "const a = process.env.A ?? 'x';",
        "const a = process.env['A'] || 'x';",
        "const a = process.env.A\n  ?? 'x';",
        "Number(process.env.A) || 8",
        "parseInt(process.env.A, 10) || 8",
        "const a = (process.env.A as Level | undefined) ?? 'info';",
        "process.env.A = '1'; f(process.env.A);",
        "process.env.A ??= '1'; f(process.env.A);",
        "const { A = '1' } = process.env;",
        "const { A } = process.env;\nNumber(A || 1);",
        SCHEMA.format("z.enum(['x']).default('x')"),
        SCHEMA.format("z\n  .string()\n  .optional()"),
        SCHEMA.format("z.string().nullable()"),
        SCHEMA.format("z.union([z.string(), z.undefined()])"),
        SCHEMA.format("z.coerce.boolean()"),
    ],
)
def test_javascript_with_a_fallback(text: str) -> None:
    assert node(text, "fallback") >= {"A"}
    assert "A" not in node(text, "needed") | node(text, "plain")


@pytest.mark.parametrize(
    "text",
    [
        "// process.env.A",
        "/* process.env.A */",
        "throw new Error('process.env.A is not set');",
        "`process.env.A`",
        "define: { 'process.env.A': '1' }",
        "other.process.env.A",
        "Object.entries(process.env)",
        "f(process.env.npm_package_name)",
        "const { A } = props; process.exit(process.env);",
        "const { A } = process.env.npm_config;",
        "const A = 1;",
    ],
)
def test_javascript_that_reads_nothing(text: str) -> None:
    assert reads(text, "node") == set()


@pytest.mark.parametrize(
    "text",
    [
        "os.environ['A']",
        "from os import environ\na = environ['A']",
        "f'{os.environ[\"A\"]}'",
        "debug = os.environ['A'] == 'x'",
        "os.environ['A'] or 'x'",
        "os.environ.pop('A')",
        "try:\n    os.environ['A']\nexcept OSError:\n    pass",
        SETTINGS.format("a: str"),
        SETTINGS.format("a: Annotated[str, Field(min_length=1)]"),
        SETTINGS.format("a: Literal[\n        'x',\n        'y',\n    ]"),
        SETTINGS.format("a: str = Field(...)\n    b: str = ''"),
        SETTINGS.format("a: str = Field(description='x')"),
        SETTINGS.format("c: str = Field(validation_alias='A')"),
        SETTINGS.format("model_config = SettingsConfigDict(env_prefix='')\n\n    a: str"),
        "class Settings(pydantic_settings.BaseSettings):\n    '''It.'''\n\n    # That.\n    a: str\n",
        "class Base(BaseSettings):\n    pass\n\n\nclass Settings(Base):\n    a: str\n",
        OURS.format("a: str\n    b: str = 'x'"),
    ],
)
def test_python_that_fails_without(text: str) -> None:
    assert python(text, "needed") == {"A"}


@pytest.mark.parametrize(
    "text",
    [
        "f(key=os.environ.get('A'))",
        "os.environ.get(\n    'A',\n)",
        "a = os.getenv('A')\nif not a:\n    raise ValueError",
        "sentry_sdk.init(dsn=os.environ.get('A'))",
        "if a := os.environ.get('A'):\n    f(a)",
        "def f():\n    return os.getenv('A')",
        "getenv('A')",
        "f(b or os.getenv('A'))",
        "if os.environ.get('A'):\n    f(os.environ['A'])",
        SETTINGS.format("def settings_customise_sources(self) -> None: ...\n    a: str"),
        SETTINGS.format("model_config = SettingsConfigDict(env_nested_delimiter='__')\n    a: Database"),
        SETTINGS.format("model_config = SettingsConfigDict(secrets_dir='/run/secrets')\n    a: str"),
        SETTINGS.format("model_config = SettingsConfigDict(cli_parse_args=True)\n    a: str"),
    ],
)
def test_python_that_may_do_without(text: str) -> None:
    assert python(text, "needed") == set()
    assert python(text, "plain") == {"A"}


@pytest.mark.parametrize(
    "text",
    [
        "os.environ.get('A', 'x')",
        "os.environ.get('A', None)",
        "os.getenv('A', default='x')",
        "os.environ.get('A') or 'x'",
        "a = int(\n    os.environ.get('A')\n    or 8\n)",
        "if 'A' in os.environ:\n    f(os.environ['A'])",
        "if 'A' not in os.environ:\n    sys.exit()\nf(os.environ['A'])",
        "os.environ['A'] = 'x'\nf(os.environ['A'])",
        "os.environ.setdefault('A', 'x')\nf(os.environ['A'])",
        "os.environ.setdefault('A')",
        "os.environ.pop('A', None)",
        "try:\n    a = os.environ['A']\nexcept KeyError:\n    a = None",
        "try:\n    a = os.environ['A']\nexcept (OSError, KeyError):\n    a = None",
        "try:\n    a = os.environ['A']\nexcept LookupError:\n    a = None",
        "try:\n    a = int(os.getenv('A'))\nexcept Exception:\n    a = 8",
        "try:\n    a = os.environ['A']\nexcept:\n    a = None",
        "with suppress(KeyError):\n    a = os.environ['A']",
        SETTINGS.format("a: str = 'x'"),
        SETTINGS.format("a: str = Field('x', description='y')"),
        SETTINGS.format("a: dict[str, str] = Field(default_factory=dict)"),
        SETTINGS.format("a: Annotated[str, Field(default='x')]"),
        OURS.format("a: str = 'x'"),
    ],
)
def test_python_with_a_fallback(text: str) -> None:
    assert {read.name for read in reads(text, "python")} == python(text, "fallback") == {"A"}


@pytest.mark.parametrize(
    "text",
    [
        "# os.environ['A']",
        '"""os.environ["A"]"""',
        "os.environ.copy()",
        "os.environ[name]",
        "os.environ['a']",
        "class Other(BaseModel):\n    a: str\n\nclass Settings(BaseSettings):\n    pass\n",
        SETTINGS.format("_a: str"),
        SETTINGS.format("model_config = SettingsConfigDict(env_prefix='A')\n    _a: str"),
        SETTINGS.format("model_config = SettingsConfigDict(env_prefix=PREFIX)\n    a: str"),
        SETTINGS.format("a: ClassVar[str]"),
        SETTINGS.format("def f(self) -> str:\n        a: str"),
        "def from_environment(a: str) -> None: ...\n",
        "os.environ['A'",
        "os.environ['A']" + "+1" * 99999,
        "os.environ['A']" + "-" * 99999 + "1",
        "environ\0",
        "a = 1",
    ],
)
def test_python_that_reads_nothing(text: str) -> None:
    assert reads(text, "python") == set()


@pytest.mark.parametrize(
    "text",
    [
        SETTINGS.format("model_config = SettingsConfigDict(env_prefix='APP_')\n    a: str"),
        SETTINGS.format("model_config = {'env_prefix': 'APP_'}\n    a: str"),
        SETTINGS.format("a: str\n\n    class Config:\n        env_prefix = 'APP_'"),
        SETTINGS.format("model_config = SettingsConfigDict(env_prefix='APP_')\n\n\nclass More(Settings):\n    a: str"),
    ],
)
def test_prefix_of_settings(text: str) -> None:
    assert python(text, "needed") == {"APP_A"}


def test_settings_of_several_names() -> None:
    either = SETTINGS.format("a: str = Field(alias=AliasChoices('A', 'B'))")
    assert (python(either, "needed"), python(either, "fallback")) == (set(), {"A", "B"})


def test_places() -> None:
    text = "\n/* a\n */ f(process.env.A);\nconst b = import.meta.env.B;\n"
    assert reads(text, "node") == {Read(name="A", line=3), Read(name="B", line=4, built=True)}
    text = SETTINGS.format("x: str = ''\n\n    a: str")
    assert Read(name="A", line=4, kind="needed") in reads(text, "python")


@pytest.mark.parametrize("text", ["const { A } = import.meta.env;", "import { A } from '$env/static/private';"])
def test_what_a_build_puts_in(text: str) -> None:
    assert {(read.name, read.built) for read in reads(text, "node")} == {("A", True)}


def test_a_warning_of_the_compiler_is_not_said(recwarn: pytest.WarningsRecorder) -> None:
    assert python("a = '\\d'\nos.environ['A']", "needed") == {"A"}
    assert list(recwarn) == []
