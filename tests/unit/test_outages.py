"""One line when a source goes and one when it is back."""

from butler.core.outages import Change, changes

FRESH = {"name": "mail.home", "state": "fresh", "error": None}
FAILED = {"name": "mail.home", "state": "failed", "error": "Connection\nrefused."}


def test_a_source_that_goes_is_told_once_and_once_when_it_is_back() -> None:
    gone, told = changes({}, [FRESH])
    assert (gone, told) == ({}, [])
    gone, told = changes(gone, [FAILED])
    assert told == [Change("mail.home", is_back=False, sentence="mail.home cannot be reached.", words="Connection refused.")]
    gone, told = changes(gone, [{**FAILED, "state": "stale", "error": "It is left alone."}])
    # Another reason is for whoever looks, and no news.
    assert (gone, told) == ({"mail.home": "It is left alone."}, [])
    gone, told = changes(gone, [])
    assert (list(gone), told) == (["mail.home"], [])
    gone, told = changes(gone, [FRESH])
    assert (gone, told) == ({}, [Change("mail.home", is_back=True, sentence="mail.home is back.")])


def test_what_to_do_about_it_is_told_whole() -> None:
    told = (
        f"The certificate of imap.berger.example is not the one that is pinned: {'AB:' * 32}. {'So it is. ' * 20}Set pin to it."
    )
    gone, (change,) = changes({}, [{**FAILED, "error": told}])
    assert (gone["mail.home"], change.words) == (told, told)
    assert len(changes({}, [{**FAILED, "error": told * 9}])[0]["mail.home"]) == 600


def test_what_has_no_name_or_reason_breaks_nothing() -> None:
    assert changes({}, [{}, {"state": "failed"}]) == ({}, [])
    gone, _ = changes({}, [{"name": "x", "state": "failed", "error": None}])
    assert gone == {"x": "It cannot be read."}
