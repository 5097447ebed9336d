"""What a newcomer stumbled over: sentences that have to say what is so, and advice that leads where it should."""

from __future__ import annotations

import sys

from butler.core.costs import Tariff
from butler.core.errors import extra


def test_an_amount_too_small_to_show_is_not_called_nothing() -> None:
    assert Tariff(currency="EUR").money(0.00002) == "less than 0.0001 EUR"
    assert Tariff(currency="EUR").money(0.0) == "0.00 EUR"
    assert Tariff().money(0.0002) == "0.0002"


def test_an_extra_is_installed_from_the_project_and_never_by_a_name_that_an_index_gives_to_another_program() -> None:
    told = extra("mcp")
    assert "'.[mcp]'" in told
    assert f"{sys.prefix}/bin/pip" in told
    assert "butler[" not in told
