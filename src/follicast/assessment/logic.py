"""Three answers to one question: an expression over facts holds, does not hold, or is unknown.

CEL lets a side that settles the matter absorb an unknown one: `a || b` holds if `a` does, whatever `b` is.
Only an unknown fact may leave the answer open; any other trouble is a bug of ours and is raised.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.machinery import PathFinder
from importlib.util import find_spec, module_from_spec
from typing import Any

from follicast.errors import EvidenceError

_LOADING = threading.Lock()
REMEMBERED = 4096  # answers of one expression; those that ask for laboratory values would grow without end


@dataclass(frozen=True)
class Expression:
    """A compiled expression and the names it asks for."""

    text: str
    program: Any = field(compare=False)
    names: tuple[str, ...]
    answered: dict[tuple[Any, ...], bool | None] = field(default_factory=dict, compare=False, repr=False)

    def verdict(self, known: Mapping[str, Any]) -> bool | None:
        """Return True, False, or None where the facts known do not settle it."""
        return self.of(tuple([known.get(name) for name in self.names]))

    def of(self, values: tuple[Any, ...]) -> bool | None:
        """Return the verdict on values in the order of `names`, None for an unknown one.

        The engine answers the same question once: a thousand patients ask few different ones.
        """
        try:
            return self.answered[values]
        except KeyError:
            if len(self.answered) >= REMEMBERED:
                self.answered.clear()
            answer = self.answered[values] = self._ask(values)
            return answer

    def _ask(self, values: tuple[Any, ...]) -> bool | None:
        context = {name: value for name, value in zip(self.names, values, strict=True) if value is not None}
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


def _engine() -> Any:
    """Return the compiled engine, loaded once: it panics where two threads load it at the same moment."""
    with _LOADING:
        return _loaded()


@cache
def _loaded() -> Any:
    """Load the compiled engine alone: its package also loads a terminal shell, for half a second."""
    package = find_spec("cel")
    inner = PathFinder.find_spec("cel", package.submodule_search_locations) if package else None
    if inner is None or inner.loader is None:
        import cel

        return cel
    engine = module_from_spec(inner)
    inner.loader.exec_module(engine)
    return engine
