"""The pages as a browser gets them: shells that show nothing by themselves, and let in nobody else's script."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest

from api import pages
from api.app import create_app
from api.pages.protection import checkout_at, headers
from kinds.vehicle_service.api import API
from settings import Process, Razorpay, Settings
from tests.api.bare import bare_application
from tests.of_every import of_every

FOLDERS = [Path(pages.__file__).parent, API.pages]
SCRIPTS = [path for folder in FOLDERS for path in sorted((folder / "static").glob("*.js"))]
TEMPLATES = [path for folder in FOLDERS for path in sorted((folder / "templates").glob("*.html"))]
STYLE = FOLDERS[0] / "static" / "style.css"
SANDBOX = "http://127.0.0.1:8931"
PAGES = [
    "/",
    "/password",
    "/contact",
    "/second-factor",
    "/bookings/1021",
    "/bookings/1021/",
    "/bookings/99999999999999999999",
    "/bookings/no-number",
]


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[httpx.AsyncClient]:
    """The application without its stores: the pages need none."""
    settings, app = Settings(razorpay=Razorpay(base_url=SANDBOX)), bare_application()
    app.state.resources = SimpleNamespace(settings=settings)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://revcare") as client:
        yield client


def rules(answer: httpx.Response) -> dict[str, list[str]]:
    """The content security policy, by directive."""
    directives = [part.split() for part in answer.headers["content-security-policy"].split(";")]
    return {name: sources for name, *sources in directives}


@pytest.mark.parametrize("path", PAGES)
async def test_every_page_answers_its_shell_whether_the_booking_exists_or_not(browser, path):
    page = await browser.get(path)
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["cache-control"] == "no-cache"
    assert page.headers["x-content-type-options"] == "nosniff"
    assert "1021" not in page.text
    assert (await browser.head(path)).status_code == 200


@pytest.mark.parametrize("path", PAGES)
async def test_no_page_has_inline_script_or_style_or_allows_it(browser, path):
    page = await browser.get(path)
    policy = rules(page)
    assert policy["default-src"] == ["'none'"]
    assert policy["base-uri"] == policy["frame-ancestors"] == ["'none'"]
    allowed = {source for sources in policy.values() for source in sources}
    assert not allowed & {"'unsafe-inline'", "'unsafe-eval'", "*", "data:", "https:", "http:"}
    assert re.findall(r"<script(?![^>]*\ssrc=)", page.text) == []
    assert re.findall(r"<style|\sstyle=|\son\w+=|javascript:", page.text) == []


async def test_only_the_page_where_one_pays_lets_the_checkout_in_and_from_exactly_its_origin(browser):
    login, booking = rules(await browser.get("/")), rules(await browser.get("/bookings/1"))
    assert (login["script-src"], login["frame-src"]) == (["'self'"], ["'none'"])
    assert (booking["script-src"], booking["frame-src"]) == (["'self'", SANDBOX], [SANDBOX])
    assert booking["connect-src"] == ["'self'"]
    assert f'<meta name="checkout" content="{SANDBOX}/checkout.js">' in (await browser.get("/bookings/1")).text


def test_the_real_provider_has_its_own_script_host_and_still_no_inline_script():
    checkout = checkout_at("https://api.razorpay.com")
    policy = headers(checkout)["Content-Security-Policy"]
    assert checkout.script == "https://checkout.razorpay.com/v1/checkout.js"
    assert "script-src 'self' https://checkout.razorpay.com https://cdn.razorpay.com;" in policy
    assert "style-src 'self';" in policy
    assert "frame-src https://api.razorpay.com https://checkout.razorpay.com;" in policy


async def test_whatever_a_page_names_is_there_with_its_type_and_may_be_kept_for_good(browser):
    types = {"js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8", "svg": "image/svg+xml"}
    for path in ("/", "/password", "/contact", "/second-factor", "/bookings/1"):
        named = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', (await browser.get(path)).text))
        assert {name.rpartition(".")[2] for name in named} == set(types)
        for name in named:
            found = await browser.get(name)
            assert (found.status_code, found.headers["content-type"]) == (200, types[name.rpartition(".")[2]])
            assert found.headers["cache-control"] == "public, max-age=31536000, immutable"


async def test_a_file_of_another_release_is_not_kept_and_one_that_is_not_there_is_a_404(browser):
    assert (await browser.get("/static/another/style.css")).headers["cache-control"] == "no-store"
    for name in ("nothing.js", "..%2froutes.py", "%2e%2e/routes.py"):
        answer = await browser.get(f"/static/another/{name}")
        assert (answer.status_code, answer.json()["code"]) == (404, "NoSuchRoute")


async def test_the_pages_are_no_part_of_the_api(browser):
    paths = (await browser.get("/openapi.json")).json()["paths"]
    assert not [path for path in paths if not path.startswith(("/api/v1/", "/health/", "/metrics", "/uploads/"))]


@of_every(SCRIPTS)
def test_no_script_turns_text_into_markup_or_code(script):
    text = script.read_text(encoding="utf-8")
    ways = (
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|srcdoc|ContextualFragment|DOMParser|eval\(|Function\("
    )
    assert re.findall(ways, text) == []


@of_every(SCRIPTS)
def test_scripts_import_only_each_other_and_only_what_is_exported(script):
    text = script.read_text(encoding="utf-8")
    for names, source in re.findall(r"import \{([^}]+)\} from \"([^\"]+)\"", text):
        (offered,) = (path.read_text(encoding="utf-8") for path in SCRIPTS if f"./{path.name}" == source)
        for name in (part.split(" as ")[0].strip() for part in names.split(",")):
            assert re.search(rf"export (async )?(function|class|const) {name}\b", offered), f"{source} has no {name}"
    assert len(re.findall(r"^import ", text, re.MULTILINE)) == len(re.findall(r'from "\./\w+\.js"', text))


def test_no_page_or_script_names_another_host():
    for path in [*SCRIPTS, *TEMPLATES, STYLE]:
        assert re.findall(r"https?://(?!www\.w3\.org)[\w.]", path.read_text(encoding="utf-8")) == []


async def test_every_page_says_at_its_foot_that_this_is_a_rehearsal(browser):
    settings = Settings(process=Process(rehearsal=True))
    app = create_app(API, settings=settings)
    app.state.resources = SimpleNamespace(settings=settings)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://revcare") as client:
        for path in ("/", "/password", "/bookings/1021", "/docs", "/redoc"):
            page = await client.get(path)
            assert page.status_code == 200
            assert page.text.count("Rehearsal: nothing here is real") == 1
            assert "Rehearsal" not in (await browser.get(path)).text
            assert int(page.headers["content-length"]) == len(page.content)
