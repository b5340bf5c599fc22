"""Three answers to one question: an expression over facts holds, does not hold, or is unknown.

CEL lets a side that settles the matter absorb an unknown one: `a || b` holds if `a` does, whatever `b` is.
Only an unknown fact may leave the answer open; any other trouble is a bug of ours and is raised.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.machinery import PathFinder
from importlib.util import find_spec, module_from_spec
from typing import Any

from follicast.errors import EvidenceError


@dataclass(frozen=True)
class Expression:
    """A compiled expression and the names it asks for."""

    text: str
    program: Any
    names: tuple[str, ...]

    def verdict(self, known: Mapping[str, Any]) -> bool | None:
        """Return True, False, or None where the facts known do not settle it."""
        context = {name: known[name] for name in self.names if name in known}
        try:
            answer = self.program.execute(context)
        except RuntimeError as trouble:
            if "Undefined variable" in str(trouble) and len(context) < len(self.names):
                return None
            raise EvidenceError(f"the expression '{self.text}' cannot be read: {trouble}") from None
        except Exception as trouble:
            raise EvidenceError(f"the expression '{self.text}' cannot be read: {trouble}") from None
        if not isinstance(answer, bool):
            raise EvidenceError(f"the expression '{self.text}' answers {answer!r}, not yes or no")
        return answer


@cache
def expression(text: str) -> Expression:
    """Compile an expression once; raises `EvidenceError` if it is not CEL."""
    try:
        program = _engine().compile(text)
    except ValueError as trouble:
        raise EvidenceError(f"the expression '{text}' is not CEL: {trouble}") from None
    names = program.variables() if callable(program.variables) else program.variables
    return Expression(text, program, tuple(sorted(names)))


@cache
def _engine() -> Any:
    """Load the compiled engine alone: its package also loads a terminal shell, for half a second."""
    package = find_spec("cel")
    inner = PathFinder.find_spec("cel", package.submodule_search_locations) if package else None
    if inner is None or inner.loader is None:
        import cel

        return cel
    engine = module_from_spec(inner)
    inner.loader.exec_module(engine)
    return engine
