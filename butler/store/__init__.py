"""The butler's own state: `butler.db`, the truth, and `mirror.db`, a cache of the sources that can be rebuilt."""
