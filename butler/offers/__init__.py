"""What a run offers to the process that thinks for it, and to nobody else."""

from butler.offers.checks import BreachedError, BreachError, breach
from butler.offers.offers import Offers

__all__ = ["BreachError", "BreachedError", "Offers", "breach"]
