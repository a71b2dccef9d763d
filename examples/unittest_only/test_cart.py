"""Without pytest: ``python -m unittest discover examples/unittest_only``.

``PushServer``, ``PullHarness`` and Playwright's sync API in a ``unittest.TestCase``.
"""

import unittest
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from bxpull_server import PushServer
from bxpull_server.harness import PullHarness
from bxpull_server.harness.browsers import launch_options


class CartTest(unittest.TestCase):
    server: PushServer
    browser: Browser

    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(PushServer(static=Path(__file__).parent))
        playwright = cls.enterClassContext(sync_playwright())
        cls.browser = cls.enterClassContext(playwright.chromium.launch(**launch_options("chromium")))

    def setUp(self):
        self.server.reset()
        context = self.enterContext(self.browser.new_context())
        # At its end it looks that page code has thrown nothing unexpected.
        self.pull = self.enterContext(PullHarness(self.server, new_page=lambda _: context.new_page()))

    def test_the_sum_follows_the_basket(self):
        page = self.pull.open(url="/index.html")
        self.pull.user(1).send("sale", "basketChange", {"sum": 42})
        self.pull.events.expect("sale", "basketChange")
        self.assertEqual(page.inner_text("#sum"), "42")

    def test_nonsense_is_an_error(self):
        page = self.pull.open(url="/index.html")
        self.pull.user(1).send("sale", "basketChange", {"sum": -1})
        self.pull.events.expect_error("RangeError: a basket cannot cost -1")
        self.assertEqual(page.inner_text("#sum"), "0")


if __name__ == "__main__":
    unittest.main()
