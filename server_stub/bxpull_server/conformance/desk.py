"""Everything the server has for the conformance page, while that is switched on."""

from dataclasses import dataclass, field

from bxpull_server.conformance.client import BuiltClient, build_client
from bxpull_server.conformance.results import Results
from bxpull_server.conformance.runs import Runs
from bxpull_server.conformance.site import SiteFile, page_files


@dataclass(slots=True)
class Desk:
    """The page's files, runs and results.

    Attributes:
        files: What is served below ``/conformance/``; empty before :meth:`prepare`.
        client: The client that is tested; None before :meth:`prepare`.
    """

    files: dict[str, SiteFile] = field(default_factory=dict)
    client: BuiltClient | None = None
    runs: Runs = field(default_factory=Runs)
    results: Results = field(default_factory=Results)

    def prepare(self) -> None:
        """Build the client, once.

        Raises:
            StartError: It cannot be built.
        """
        if self.client is None:
            self.client = build_client()
            self.files = {**page_files(), **self.client.files}
