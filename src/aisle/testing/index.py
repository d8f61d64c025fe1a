"""What every index promises: subclass IndexConformance in a test, say how to make the index; pytest does the rest.

The toy shop is indexed with the letter counts of FakeEncoder, so every expected answer can be worked
out by eye; answers to filters are compared with a plain loop over the items.
"""

from aisle.testing.index_changing import Changing
from aisle.testing.index_finding import Finding
from aisle.testing.index_keeping import Keeping
from aisle.testing.index_narrowing import Narrowing


class IndexConformance(Finding, Narrowing, Changing, Keeping):
    """The cases of the Index protocol. A subclass defines `make_index` and `reload`."""
