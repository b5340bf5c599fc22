"""Settings of the documentation: Sphinx with Markdown. Built by `make docs`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))  # where `formulas` lies

project = "Follicast"
extensions = ["myst_parser", "formulas"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build", "pages"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
html_math_renderer = "mathml"  # drawn by the browser itself: a page can be read offline
html_theme = "furo"
html_title = "Follicast"
html_static_path = ["style"]
html_css_files = ["pages.css"]
html_show_sphinx = False
html_show_copyright = False
nitpicky = True  # a link that leads nowhere is an error (make docs turns warnings into errors)
