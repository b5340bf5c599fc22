"""What must not lie close to what: the days before and after one thing in which another is not done."""

from __future__ import annotations

from pydantic import model_validator

from follicast.evidence.number import Number, Sourced

OWN = "own:"  # something of the person's own, such as a dye; told in `wishes.planned`
TEST = "test"  # any blood test


class Window(Sourced):
    """From `before` ahead of each thing in `of` to `after` it, nothing in `keeps_off` is done.

    Both name a therapy's id, `family:` and a family of therapies, `test`, or `own:` and a word. A length that
    is absent binds on that side not at all, but for the same moment, which both forbid.
    """

    id: str = ""
    of: list[str]
    keeps_off: list[str]
    before: Number | None = None
    after: Number | None = None
    because: str

    @model_validator(mode="after")
    def _has_a_length(self) -> Window:
        if self.before is None and self.after is None:
            raise ValueError("a window needs a length before, after, or both")
        return self
