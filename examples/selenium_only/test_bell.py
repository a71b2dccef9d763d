"""Selenium drives the browser, without Playwright: ``PullHarness`` takes its driver as a page.

Needs Selenium, Chromium and its driver; says so where one of them is missing.
"""

import shutil
from pathlib import Path

import pytest

from bxpull_server import PushServer
from bxpull_server.harness import PullHarness
from bxpull_server.harness.browsers import find_browser

webdriver = pytest.importorskip("selenium.webdriver", reason="Selenium is missing: pip install selenium")


@pytest.fixture(scope="module")
def driver():
    chromium, path = find_browser("chromium", whole=True), shutil.which("chromedriver")
    if path is None or chromium.path is None:
        pytest.skip("Chromium's driver is missing: apt-get install chromium chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = str(chromium.path)
    for argument in ("--headless", *chromium.options.get("args", [])):
        options.add_argument(argument)
    driver = webdriver.Chrome(options, webdriver.ChromeService(path))
    yield driver
    driver.quit()


@pytest.fixture
def pull():
    with PushServer(static=Path(__file__).parent) as server, PullHarness(server) as pull:
        yield pull


def test_the_bell_rings(driver, pull):
    pull.open(driver, url="/index.html")
    pull.user(1).send("im", "notify", {"id": 1})
    pull.events.expect_call("onPullEvent-im", command="notify", handler="ring")
    bell = driver.find_element("id", "bell")
    assert bell.text == "1"
    bell.click()
    assert bell.text == "0"


def test_an_empty_page_takes_scripts(driver, pull):
    pull.open(driver, user=2)
    driver.execute_script("BX.addCustomEvent('onPullEvent-im', (_, { id }) => { document.title = id; })")
    pull.user(2).send("im", "notify", {"id": 7})
    pull.events.expect("im", "notify")
    assert driver.title == "7"
