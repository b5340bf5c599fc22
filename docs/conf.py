"""Settings of the documentation: Sphinx with Markdown. Built by `make docs`."""

project = "Follicast"
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build", "pages"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
html_theme = "furo"
html_title = "Follicast"
html_static_path = ["style"]
html_css_files = ["pages.css"]
html_show_sphinx = False
html_show_copyright = False
nitpicky = True  # a link that leads nowhere is an error (make docs turns warnings into errors)
