"""Reads the syntax of user scripts with tree-sitter: places of errors, and what a script may not use."""

from __future__ import annotations

import bisect
from functools import cache
from typing import TYPE_CHECKING

from bxpull.errors import ScriptError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tree_sitter import Node, Parser

    from bxpull.engines.base import UserScript

__all__ = [
    "JSX_REASON",
    "columns_from_bytes",
    "has_code",
    "locate_failure",
    "refuse_jsx",
    "refuse_module_syntax",
]

JSX_REASON = "JSX is not JavaScript: translate the script before you embed it"

_CLOSERS = {"(": ")", "[": "]", "{": "}", "${": "}"}
_FUNCTIONS = frozenset(
    {
        "function_declaration",
        "function_expression",
        "generator_function",
        "generator_function_declaration",
        "arrow_function",
        "method_definition",
    }
)


def columns_from_bytes(line: str, offset: int) -> int:
    """The 1-based column in characters of a 0-based offset in UTF-8 bytes."""
    return len(_encoded(line)[: max(0, offset)].decode("utf-8", "ignore")) + 1


def has_code(source: str) -> bool:
    """Whether there is anything but white space, comments and a ``#!`` line."""
    ignored = ("comment", "hash_bang_line", "html_comment")
    return any(child.type not in ignored for child in _parse(source).children)


def refuse_module_syntax(script: UserScript) -> None:
    """Refuses ``import``, ``export``, ``import.meta`` and ``await`` outside a function.

    Raises:
        ScriptError: At the first of them.
    """
    if "import" not in script.source and "export" not in script.source and "await" not in script.source:
        return
    for node in _walk(_parse(script.source)):
        reason = _module_reason(node)
        if reason:
            raise _error(script, node, reason)


def refuse_jsx(script: UserScript) -> None:
    """Refuses JSX, which esbuild-py would turn into calls of React without a word.

    Raises:
        ScriptError: At the first JSX element.
    """
    for node in _walk(_parse(script.source)):
        if node.type in ("jsx_element", "jsx_self_closing_element", "jsx_fragment"):
            raise _error(script, node, JSX_REASON)


def locate_failure(script: UserScript, accepts: Callable[[str], bool]) -> ScriptError:
    """The error for a script that was refused without a reason.

    Args:
        script: The script.
        accepts: Whether a piece of source would have been accepted.

    Returns:
        An error at the place where the syntax breaks or, if each part is sound, at the smallest statement
        without which the script would be accepted.
    """
    root = _parse(script.source)
    if root.has_error:
        return _broken(script, root)
    data = _encoded(script.source)
    statements = root.children

    def accepted(upto: int) -> bool:
        return accepts(data[: statements[upto - 1].end_byte].decode("utf-8", "surrogatepass"))

    # The first statement that cannot be had together with those before it.
    first = bisect.bisect_left(range(1, len(statements)), x=True, key=lambda upto: not accepted(upto))
    data = data[: statements[first].end_byte]
    node = _narrowed(statements[first], data, accepts)
    reason = (
        "this is not allowed here "
        "(declared twice, forbidden by the rules of strict mode or of await, or a syntax error?)"
    )
    return _error(script, node, reason)


@cache
def _parser() -> Parser:
    import tree_sitter
    import tree_sitter_javascript

    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_javascript.language()))


def _parse(source: str) -> Node:
    return _parser().parse(_encoded(source)).root_node


def _encoded(source: str) -> bytes:
    return source.encode("utf-8", "surrogatepass")


def _walk(node: Node) -> Iterator[Node]:
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        stack.extend(reversed(current.children))


def _module_reason(node: Node) -> str:
    if node.type == "import_statement":
        return "a script cannot import: bundle it into one file first, or load it as a module of its own"
    if node.type == "export_statement":
        return "a script cannot export: put what the page needs on window"
    if node.type == "meta_property" and node.text == b"import.meta":
        return "a script has no import.meta"
    if node.type == "await_expression" and not _inside_function(node):
        return "await needs an async function around it"
    return ""


def _inside_function(node: Node) -> bool:
    parent = node.parent
    while parent is not None:
        if parent.type in _FUNCTIONS:
            return True
        parent = parent.parent
    return False


def _narrowed(node: Node, data: bytes, accepts: Callable[[str], bool]) -> Node:
    """The smallest statement inside ``node`` without which ``data`` is accepted."""
    for child in _nested_statements(node):
        blank = data[: child.start_byte] + b" " * (child.end_byte - child.start_byte) + data[child.end_byte :]
        if accepts(blank.decode("utf-8", "surrogatepass")):
            return _narrowed(child, data, accepts)
    return node


def _nested_statements(node: Node) -> Iterator[Node]:
    for child in node.named_children:
        if child.type.endswith(("_statement", "_declaration", "_definition")):
            yield child
        else:
            yield from _nested_statements(child)


def _broken(script: UserScript, root: Node) -> ScriptError:
    unclosed: list[Node] = []
    for node in _walk(root):
        if node.child_count or node.is_missing:
            continue
        if node.type in _CLOSERS.values():
            if not unclosed or _CLOSERS[unclosed[-1].type] != node.type:
                return _error(script, node, f"syntax error: nothing is open that {node.type!r} could close")
            unclosed.pop()
        elif node.type in _CLOSERS:
            unclosed.append(node)
    if unclosed:
        return _error(script, unclosed[-1], f"syntax error: {unclosed[-1].type!r} is never closed")
    broken = [node for node in _walk(root) if node.is_error or node.is_missing]
    first = min(broken, key=lambda node: (node.start_byte, node.end_byte), default=root)
    shown = (first.text or b"").decode("utf-8", "replace").strip().split("\n")[0][:30]
    if first.is_missing:
        return _error(script, first, f"syntax error: {first.type!r} expected")
    return _error(script, first, f"syntax error near {shown!r}" if shown else "syntax error")


def _error(script: UserScript, node: Node, reason: str) -> ScriptError:
    row, offset = node.start_point
    line = _encoded(script.source).split(b"\n")[row]
    column = columns_from_bytes(line.decode("utf-8", "surrogatepass"), offset)
    return ScriptError(script.name, reason, row + 1, column, script.source)
