"""The invariants of a tree of keyed spans, as bakegen.merge.tree states them."""

from bakegen.merge.tree import Node

MARK = b"\xef\xbb\xbf"


def check_tree(data: bytes, root: Node) -> None:
    """Assert that the spans of a file's tree nest, are in order, and stand where they say they do."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        assert node.start <= node.head <= node.value <= node.tail <= node.end <= len(data), node
        assert (node.canon is None) != (node.body is None), node
        assert not node.comment or node.body is None, node
        first, last = node.note
        assert first <= last, node
        assert first == last or node.head <= first, node
        assert first == last or last <= max(node.end, node.tail), node
        if node is not root:
            begins = node.start == 0 or data[node.start - 1 : node.start] == b"\n" or node.start == len(MARK)
            assert begins or node.start == node.head, node
            ends = node.end == len(data) or data[node.end - 1 : node.end] == b"\n"
            assert ends or node.end == node.tail, node
        if node.body is None:
            continue
        at = node.body.open
        assert node.start <= node.body.open <= node.body.close <= node.end, node
        for child in node.body.children:
            assert at <= child.start, (node.key, child)
            assert child.end <= node.body.close, (node.key, child)
            at = child.end
            waiting.append(child)
