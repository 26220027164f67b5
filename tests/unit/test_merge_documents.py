"""Files of several YAML documents, such as manifests: whole documents come and go, with the line that sets them apart."""

from pathlib import PurePosixPath

import pytest

from bakegen.merge import Conflicted, Merged, Refused, merge
from tests.unit.test_merge import check_merge

FIRST = "# api: a service\nkind: Deployment\nmetadata:\n  name: api\n"
BUDGET = "---\n# One at a time.\nkind: Budget\nmetadata:\n  name: api\n"
POLICY = "---\nkind: Policy\nmetadata:\n  name: api\n"
EDITED = FIRST.replace("name: api", "name: api # mine")
OWN = "---\nkind: Mine\nmetadata:\n  name: api\n"


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "expected"),
    [
        (FIRST, EDITED, FIRST + BUDGET, EDITED + BUDGET),
        (FIRST + POLICY, EDITED + POLICY, FIRST + BUDGET + POLICY, EDITED + BUDGET + POLICY),
        (FIRST + BUDGET + POLICY, EDITED + BUDGET + POLICY, FIRST + POLICY, EDITED + POLICY),
        (FIRST + BUDGET, EDITED + BUDGET, FIRST, EDITED),
        (FIRST + BUDGET, EDITED + OWN + BUDGET, FIRST + POLICY, EDITED + POLICY + OWN),
        (FIRST + POLICY, EDITED + OWN + POLICY, FIRST + BUDGET + POLICY, EDITED + BUDGET + OWN + POLICY),
        (f"---\n{FIRST}{POLICY}", f"---\n{FIRST}{POLICY}# mine\n", POLICY, f"{POLICY}# mine\n"),
    ],
)
def test_documents_come_and_go(base: str, ours: str, theirs: str, expected: str) -> None:
    check_merge("x.yaml", base, ours, theirs, expected)
    crlf = [text.replace("\n", "\r\n") for text in (ours, expected)]
    check_merge("x.yaml", base, crlf[0], theirs, crlf[1])


def test_an_edited_document_that_must_go_is_a_conflict() -> None:
    mine = BUDGET + "  # mine\n"
    done = merge(PurePosixPath("x.yaml"), (FIRST + BUDGET).encode(), (FIRST + mine).encode(), FIRST.encode())
    assert isinstance(done, Conflicted)
    (conflict,) = done.conflicts
    assert (conflict.key, conflict.message, conflict.line) == ("Budget/api", "you edited it, and it must go", 5)


@pytest.mark.parametrize(
    "ours", [f"{EDITED}--- # mine\nkind: x\n", f"{EDITED}---\n1\n", f"{EDITED}...\n---\nkind: x\n"]
)
def test_others_are_refused(ours: str) -> None:
    done = merge(PurePosixPath("x.yaml"), FIRST.encode(), ours.encode(), (FIRST + BUDGET).encode())
    assert isinstance(done, Refused), done
    assert "by a line `---` alone" in done.message


def test_what_is_in_them_is_merged_all_the_same() -> None:
    ours = f"{EDITED}--- # mine\nkind: x\n"
    done = merge(
        PurePosixPath("x.yaml"), f"{FIRST}---\nkind: x\n".encode(), ours.encode(), f"{FIRST}---\nkind: y\n".encode()
    )
    assert isinstance(done, Merged)
    assert done.text.decode() == ours.replace("kind: x", "kind: y")
