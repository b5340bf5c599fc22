"""Sets formulas as MathML, which browsers draw without a script, a font or a network.

An extension of Sphinx: docutils turns TeX into MathML, and this hands it over. It knows nothing of hair.
"""

from __future__ import annotations

from typing import Any

from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml


def setup(app: Any) -> dict[str, bool]:
    """Offer the renderer to Sphinx under the name `mathml`."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _inline(page: Any, node: nodes.math) -> None:
    page.body.append(tex2mathml(node.astext()))
    raise nodes.SkipNode


def _block(page: Any, node: nodes.math_block) -> None:
    r"""Set what \qquad keeps apart piece by piece, so that a phone may put the pieces under each other."""
    pieces = (tex2mathml(piece.strip(), as_block=True) for piece in node.astext().split(r"\qquad"))
    page.body.append(f'<div class="formula">{"".join(pieces)}</div>')
    raise nodes.SkipNode
