"""``bxpull doctor``."""

from __future__ import annotations

import json

import click

__all__ = ["doctor"]


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@click.pass_context
def doctor(ctx: click.Context, as_json: bool) -> None:
    """Show which engines and browsers this machine has, how they are launched, and how to get more.

    Exit code 1 if no engine can build, or no browser can test.
    """
    from bxpull.diagnosis import diagnose

    found = diagnose()
    if as_json:
        click.echo(json.dumps(found.as_data(), indent=2))
    else:
        for title, items in (
            ("Engines", found.engines),
            ("Tools", found.tools),
            ("Browsers", found.browsers),
        ):
            click.secho(title, bold=True)
            for item in items:
                mark = click.style("ok     ", fg="green") if item.ok else click.style("missing", fg="yellow")
                click.echo(f"  {mark} {item.name:<9} {item.detail}")
                if item.fix and not item.ok:
                    click.echo(f"          {'':<9} → {item.fix}")
        click.echo(f"{_can(found.can_build)} build bundles, {_can(found.can_test)} run browser tests")
    ctx.exit(0 if found.can_build and found.can_test else 1)


def _can(able: bool) -> str:
    return "can" if able else "cannot"
