import pytest

from bakegen.merge.tree import Node
from bakegen.merge.yaml import scan

Row = tuple[str, str, str, str]


def outline(data: bytes) -> list[Row]:
    """Each item in file order: its path, its kind or value, its bytes with comments above, its note.

    Of a collection, only the bytes up to its first item are shown.
    """
    rows: list[Row] = []

    def walk(node: Node, path: str) -> None:
        for child in node.body.children if node.body is not None else ():
            if child.comment:
                kind = "#"
            elif child.body is not None:
                kind = "{}" if child.body.kind == "map" else "[]"
            else:
                kind = (child.canon or b"").decode()
            text = data[child.start : child.tail if child.body is None else child.value].decode()
            rows.append((f"{path}{child.key}", kind, text, data[slice(*child.note)].decode()))
            walk(child, f"{path}{child.key}/")

    walk(scan(data), "")
    return rows


CASES: dict[str, tuple[str, list[Row]]] = {
    "mapping": (
        "name: shop\nimage : nginx\n'quoted key': \"x\"\n",
        [
            ("name", "s:shop", "name: shop", ""),
            ("image", "s:nginx", "image : nginx", ""),
            ("quoted key", "s:x", "'quoted key': \"x\"", ""),
        ],
    ),
    "nested mapping": (
        "services:\n  api:\n    image: x\n  web:\n    image: y\nvolumes: {}\n",
        [
            ("services", "{}", "services:\n  ", ""),
            ("services/api", "{}", "  api:\n    ", ""),
            ("services/api/image", "s:x", "    image: x", ""),
            ("services/web", "{}", "  web:\n    ", ""),
            ("services/web/image", "s:y", "    image: y", ""),
            ("volumes", "{}", "volumes: ", ""),
        ],
    ),
    "list": (
        "needs:\n  - a\n  - b\n",
        [
            ("needs", "[]", "needs:\n  ", ""),
            ("needs/a", "s:a", "  - a", ""),
            ("needs/b", "s:b", "  - b", ""),
        ],
    ),
    "list not indented": (
        "needs:\n- a\n- b\nname: x\n",
        [
            ("needs", "[]", "needs:\n", ""),
            ("needs/a", "s:a", "- a", ""),
            ("needs/b", "s:b", "- b", ""),
            ("name", "s:x", "name: x", ""),
        ],
    ),
    "list of maps": (
        "steps:\n  - uses: a/b@v1\n    with:\n      x: 1\n  - name: y\n",
        [
            ("steps", "[]", "steps:\n  ", ""),
            ("steps/a/b", "{}", "  - ", ""),
            ("steps/a/b/uses", "s:a/b@v1", "uses: a/b@v1", ""),
            ("steps/a/b/with", "{}", "    with:\n      ", ""),
            ("steps/a/b/with/x", "p:1", "      x: 1", ""),
            ("steps/y", "{}", "  - ", ""),
            ("steps/y/name", "s:y", "name: y", ""),
        ],
    ),
    "item below its dash": (
        "-\n  name: x\n-   y\n",
        [
            ("x", "{}", "-\n  ", ""),
            ("x/name", "s:x", "  name: x", ""),
            ("y", "s:y", "-   y", ""),
        ],
    ),
    "lists in a list": (
        "- - a\n  - b\n- []\n",
        [
            ("[s:a, s:b]", "[]", "- ", ""),
            ("[s:a, s:b]/a", "s:a", "- a", ""),
            ("[s:a, s:b]/b", "s:b", "  - b", ""),
            ("[]", "[]", "- ", ""),
        ],
    ),
    "empty values": (
        "a:\nb: ~\nc: null\n-d:\n",
        [
            ("a", "p:null", "a:", ""),
            ("b", "p:null", "b: ~", ""),
            ("c", "p:null", "c: null", ""),
            ("-d", "p:null", "-d:", ""),
        ],
    ),
    "brackets": (
        "a: [x, 'y',]\nb: {c: 1, d: , e}\n",
        [
            ("a", "[]", "a: ", ""),
            ("a/x", "s:x", "x", ""),
            ("a/y", "s:y", "'y'", ""),
            ("b", "{}", "b: ", ""),
            ("b/c", "p:1", "c: 1", ""),
            ("b/d", "p:null", "d:", ""),
            ("b/e", "p:null", "e", ""),
        ],
    ),
    "brackets over lines": (
        "a: [ # in a\n  x, # of x\n  # above y\n  y\n\n  # last\n]\n",
        [
            ("a", "[]", "a: ", "# in a"),
            ("a/x", "s:x", "  x", "# of x"),
            ("a/y", "s:y", "  # above y\n  y", ""),
            ("a/# last", "#", "  # last", ""),
        ],
    ),
    "leading commas": (
        "a: [ x\n   , y # of y\n   ]\n",
        [
            ("a", "[]", "a: ", ""),
            ("a/x", "s:x", "x", ""),
            ("a/y", "s:y", "y", "# of y"),
        ],
    ),
    "comments": (
        "# file\n\n# of a\na: 1 # note\n\n# alone\n\n  # of b\nb: 2\n# end\n",
        [
            ("# file", "#", "# file", ""),
            ("a", "p:1", "# of a\na: 1", "# note"),
            ("# alone", "#", "# alone", ""),
            ("b", "p:2", "  # of b\nb: 2", ""),
            ("# end", "#", "# end", ""),
        ],
    ),
    "comment below a key": (
        "a: # of a\n  # of b\n  b: 1\n",
        [
            ("a", "{}", "a: # of a\n  # of b\n  ", "# of a"),
            ("a/b", "p:1", "  # of b\n  b: 1", ""),
        ],
    ),
    "comment at the end of a block": (
        "a:\n  b: 1\n  # still in a\n# of c\nc: 2\n",
        [
            ("a", "{}", "a:\n  ", ""),
            ("a/b", "p:1", "  b: 1", ""),
            ("a/# still in a", "#", "  # still in a", ""),
            ("c", "p:2", "# of c\nc: 2", ""),
        ],
    ),
    "comment left of its block": (
        "a:\n  b: 1\n# of c\n  c: 2\n",
        [
            ("a", "{}", "a:\n  ", ""),
            ("a/b", "p:1", "  b: 1", ""),
            ("a/c", "p:2", "# of c\n  c: 2", ""),
        ],
    ),
    "comment in an empty value": (
        "on:\n  push:\n    # branches: x\n  pull_request:\n",
        [
            ("on", "{}", "on:\n  ", ""),
            ("on/push", "p:null", "  push:", ""),
            ("on/# branches: x", "#", "    # branches: x", ""),
            ("on/pull_request", "p:null", "  pull_request:", ""),
        ],
    ),
    "comment above a value": (
        "a: # note\n  # inner\n  x\n",
        [
            ("a", "s:x", "a: # note\n  # inner\n  x", "# note"),
        ],
    ),
    "block scalar": (
        "run: |\n  one\n\n  # no comment\n\nnext: 1\n",
        [
            ("run", "s:one\n\n# no comment\n", "run: |\n  one\n\n  # no comment", ""),
            ("next", "p:1", "next: 1", ""),
        ],
    ),
    "block scalar that keeps": (
        "run: |+ # why\n  one\n\nnext: 1\n",
        [
            ("run", "s:one\n\n", "run: |+ # why\n  one\n", ""),
            ("next", "p:1", "next: 1", ""),
        ],
    ),
    "block scalar with a digit": (
        "run: >2-\n   one\n  two\n",
        [
            ("run", "s: one\ntwo", "run: >2-\n   one\n  two", ""),
        ],
    ),
    "several lines": (
        "a: one\n  two\n\n  three # note\nb: 'x\n\n  y'\n",
        [
            ("a", "s:one two\nthree", "a: one\n  two\n\n  three", "# note"),
            ("b", "s:x\ny", "b: 'x\n\n  y'", ""),
        ],
    ),
    "anchors": (
        "x: &a\n  k: 1\ny: *a\nz:\n  <<: *a\nw: &unused 1\n",
        [
            ("x", "{}", "x: ", ""),
            ("x/k", "p:1", "  k: 1", ""),
            ("y", "*a", "y: *a", ""),
            ("z", "{}", "z:\n  ", ""),
            ("z/<<", "*a", "  <<: *a", ""),
            ("w", "p:1", "w: &unused 1", ""),
        ],
    ),
    "tags": (
        "a: !reset null\nb: !!str 5\nc: !override [1]\n",
        [
            ("a", "!reset p:null", "a: !reset null", ""),
            ("b", "s:5", "b: !!str 5", ""),
            ("c", "!override [p:1]", "c: !override [1]", ""),
        ],
    ),
    "documents": (
        "# c\n---\nkind: Pod\nmetadata: {name: p, namespace: n}\n---\nx: 1\n...\n",
        [
            ("# c", "#", "# c", ""),
            ("Pod/n/p", "{}", "---\n", ""),
            ("Pod/n/p/kind", "s:Pod", "kind: Pod", ""),
            ("Pod/n/p/metadata", "{}", "metadata: ", ""),
            ("Pod/n/p/metadata/name", "s:p", "name: p", ""),
            ("Pod/n/p/metadata/namespace", "s:n", "namespace: n", ""),
            ("x", "{}", "---\n", ""),
            ("x/x", "p:1", "x: 1", ""),
        ],
    ),
    "several empty": (
        "---\n---\n",
        [
            ("", "p:null", "", ""),
            ("", "p:null", "", ""),
        ],
    ),
    "scalar": (
        "--- x\n",
        [
            ("x", "s:x", "x", ""),
        ],
    ),
    "list at the top": (
        "- a\n# of b\n- b\n",
        [
            ("a", "s:a", "- a", ""),
            ("b", "s:b", "# of b\n- b", ""),
        ],
    ),
    "brackets at the top": (
        "# c\n{a: 1}\n",
        [
            ("a", "p:1", "a: 1", ""),
        ],
    ),
    "CRLF": (
        "a:\r\n  # of b\r\n  b: 1 # n\r\n",
        [
            ("a", "{}", "a:\r\n  # of b\r\n  ", ""),
            ("a/b", "p:1", "  # of b\r\n  b: 1", "# n"),
        ],
    ),
    "mark": (
        "\ufeffa: 1\n# of b\nb: 2",
        [
            ("a", "p:1", "a: 1", ""),
            ("b", "p:2", "# of b\nb: 2", ""),
        ],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_every_construct_has_its_spans(case: str) -> None:
    source, rows = CASES[case]

    assert outline(source.encode()) == rows
