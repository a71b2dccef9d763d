"""Python's cyclic garbage collector in a process that does nothing but serve."""

import gc

# A connection is some hundred objects that stay. By default 700 new ones set the collector off, which then
# walks again and again over those who have just come. The price: cycles of those who left wait longer.
# Those who came last are walked over a second time, and moved to the old ones, before they are so many that
# everybody waits for it.
_THRESHOLDS = (10_000, 3, 30)


def relax() -> None:
    """Let the collector run seldom, and never over what is there by now: modules, classes, options.

    For the process's edge only: whoever embeds a server decides about their own process.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
