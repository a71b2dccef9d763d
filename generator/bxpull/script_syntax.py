"""Reads the syntax of user scripts with tree-sitter: for places of errors and for what a script may not use."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from bxpull.errors import ScriptError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tree_sitter import Node, Parser

    from bxpull.engines.base import UserScript

__all__ = ["columns_from_bytes", "has_code", "locate_failure", "refuse_jsx", "refuse_module_syntax"]

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
    return len(line.encode("utf-8", "surrogatepass")[: max(0, offset)].decode("utf-8", "ignore")) + 1


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
            raise _error(script, node, "JSX is not JavaScript: translate the script before you embed it")


def locate_failure(script: UserScript, accepts: Callable[[str], bool]) -> ScriptError:
    """The error for a script that was refused without a reason.

    Args:
        script: The script.
        accepts: Whether a piece of source would have been accepted.

    Returns:
        An error at the place where the syntax breaks or, if that is not what is wrong, at the first statement
        that makes the script unacceptable.
    """
    root = _parse(script.source)
    broken = _first_broken(root)
    if broken is not None:
        return _error(script, broken, _broken_reason(broken))
    data = script.source.encode("utf-8", "surrogatepass")
    for child in root.children:
        if not accepts(data[: child.end_byte].decode("utf-8", "surrogatepass")):
            reason = "this statement is not allowed here (declared twice, or not allowed in strict mode?)"
            return _error(script, child, reason)
    return ScriptError(script.name, "the script was refused as a whole", 1, 1, script.source)


@cache
def _parser() -> Parser:
    import tree_sitter
    import tree_sitter_javascript

    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_javascript.language()))


def _parse(source: str) -> Node:
    return _parser().parse(source.encode("utf-8", "surrogatepass")).root_node


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


def _first_broken(root: Node) -> Node | None:
    if not root.has_error:
        return None
    broken = [node for node in _walk(root) if node.is_error or node.is_missing]
    return min(broken, key=lambda node: (node.start_byte, node.end_byte)) if broken else None


def _broken_reason(node: Node) -> str:
    if node.is_missing:
        return f"syntax error: {node.type!r} expected"
    shown = (node.text or b"").decode("utf-8", "replace").strip().split("\n")[0]
    return f"syntax error: unexpected {shown[:30]!r}" if shown else "syntax error"


def _error(script: UserScript, node: Node, reason: str) -> ScriptError:
    row, offset = node.start_point
    line = script.source.encode("utf-8", "surrogatepass").split(b"\n")[row]
    column = columns_from_bytes(line.decode("utf-8", "surrogatepass"), offset)
    return ScriptError(script.name, reason, row + 1, column, script.source)
