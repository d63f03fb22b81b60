"""The page: the built files when there are some, else a line on how to build them."""

from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import HTMLResponse

_NOT_BUILT = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Idiolect</title>
<h1>The page is not built yet</h1>
<p>Run <code>make setup</code> in the checkout, then start Idiolect again. The API works as it is:
<a href="/api/openapi.json">its description</a>.</p>
</html>
"""


def install_page(app: FastAPI, folder: Path) -> None:
    """Serves the page at /; an address that only the page knows gets its index."""
    if (folder / "index.html").is_file():
        app.frontend("/", directory=folder, fallback="index.html", check_dir=True)
        return

    @app.get("/", include_in_schema=False)
    def not_built() -> HTMLResponse:
        return HTMLResponse(_NOT_BUILT)
