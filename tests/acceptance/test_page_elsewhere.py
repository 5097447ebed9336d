"""Pages of somebody else in the same browser, on another site and on another port: they can lead to ours, and do no more."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from butler_process import called, document
from daemon_process import DaemonProcess, write_settings
from free_ports import free_port
from page_browser import chromium
from playwright.sync_api import Page, expect

FOREIGN = """<!doctype html><a id="lead" href="{0}/access">lead</a>
<form method="post" action="{0}/logout"><input name="everywhere" value="1"><button id="send">send</button></form>
<iframe id="frame" src="{0}/login"></iframe>"""


@contextmanager
def foreign_site(ours: str) -> Iterator[int]:
    """Serve a page that leads to ours, sends it a form and frames it; yields the port."""

    class Foreign(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(FOREIGN.format(ours).encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - named so by the base
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Foreign) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def heading(page: Page, text: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(text)


def test_pages_of_others_can_lead_to_ours_and_do_no_more(tmp_path: Path) -> None:
    port = free_port()
    ours = f"http://127.0.0.1:{port}"
    write_settings(tmp_path, f"[web]\nport = {port}\n")
    with DaemonProcess(tmp_path) as daemon, foreign_site(ours) as foreign, chromium() as browser:
        daemon.ready()
        page = browser.new_page()
        page.goto(document(called(tmp_path, "--config", "butler.toml", "web", "--json"))["url"] + "&next=/access")
        page.get_by_role("button", name="Log in").click()
        heading(page, "Access")
        for site in (f"http://localhost:{foreign}/", f"http://127.0.0.1:{foreign}/"):
            page.goto(site)
            assert ours not in {frame.url.removesuffix("/login") for frame in page.frames}
            page.locator("#send").click()
            page.wait_for_url(f"{ours}/logout")
            page.goto(site)
            page.locator("#lead").click()
            page.wait_for_url(f"{ours}/access")
            heading(page, "Access")
        assert len(document(called(tmp_path, "--config", "butler.toml", "web", "--sessions", "--json"))["sessions"]) == 1
        page.get_by_role("button", name="Log out everywhere").click()
        heading(page, "Log in")
        page.goto(f"http://localhost:{foreign}/")
        page.locator("#lead").click()
        page.wait_for_url(f"{ours}/login?next=/access")
        heading(page, "Log in")
