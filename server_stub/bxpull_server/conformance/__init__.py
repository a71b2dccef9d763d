"""The conformance page: what browsers run against this server, whom that may touch, and how it went."""
