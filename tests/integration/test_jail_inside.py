"""From inside a really confined process of each role, one by one: what it tries is refused, what it needs works."""

import errno
import os
import signal
from pathlib import Path

import pytest
from jail_attempts import ATTEMPTS, DEATHS, ROOT_ONLY, UNSURE
from jail_needs import EVERYBODY, NEEDS
from jail_world import NEWEST, NOBODY, Told, encrypted, planted, run

from butler.sandbox.landlock import landlock_abi
from butler.sandbox.profiles import PROFILES, Role

IS_ROOT = not os.getuid()
USERS = (0, NOBODY) if IS_ROOT else (0,)
"""This user, and for root an ordinary one as well."""
KEEPERS: frozenset[Role] = frozenset({"files", "hands", "thinker"})
REFUSALS = {errno.EPERM, errno.EACCES, errno.ENOSYS, errno.EXDEV, errno.EFBIG}
"""The last is what those get who may not even write into a file that is nothing but memory."""
OF_FILES = {
    *("read_a_key", "list_the_folder_of_keys", "read_a_key_through_a_link_in_its_folder", "read_who_has_accounts"),
    *("read_a_key_by_a_path_out_of_its_folder", "read_its_own_environment", "write_its_own_memory"),
    *("read_the_environment_of_its_parent", "read_the_memory_of_its_parent", "write_into_the_code", "open_a_device"),
    *("write_into_a_file_it_may_read", "write_a_file_beside_those_it_may_read", "make_a_folder_beside_those_it_may_read"),
    *("make_a_symbolic_link", "remove_a_file_it_may_read", "rename_a_file_it_may_read", "make_a_link_to_a_key"),
    *("trace_its_parent", "read_the_memory_of_its_parent_by_a_call", "make_a_named_pipe", "start_a_program"),
}
"""What Landlock refuses by itself in its first version; later ones add the following."""
OF_TCP = {
    "connect_to_a_port",
    "connect_to_a_port_with_a_socket_it_was_handed",
    "listen_on_a_port",
    "bind_a_socket_it_was_handed",
}
OF_SCOPES = {
    *("ask_an_abstract_socket", "ask_an_abstract_socket_with_a_socket_it_was_handed"),
    *("signal_its_parent", "signal_a_thread_of_its_parent", "signal_its_parent_by_a_descriptor"),
}
BY_RIGHTS = {
    *("mount_a_folder", "change_its_root", "set_the_clock", "rename_the_machine", "make_a_device", "open_a_raw_socket"),
    *("enter_a_namespace_of_networks", "join_a_namespace", "be_somebody_else", "count_events_of_the_machine"),
}
"""What root cannot do any more once it gave up its rights."""

each_role = pytest.mark.parametrize("role", PROFILES)
each_user = pytest.mark.parametrize("user", USERS, ids=["this user", "nobody"][: len(USERS)])


def succeeded(told: Told) -> dict[str, object]:
    """What was not refused; whatever began and told no end succeeded as well, or ended the process."""
    return {
        name: outcome for name, outcome in told.outcomes.items() if not (isinstance(outcome, list) and outcome[0] in REFUSALS)
    }


@each_role
@each_user
def test_whatever_a_worker_tries_is_refused(role: Role, user: int) -> None:
    with planted(user) as world:
        told = run(role, world, "attempts", user=user, writes=role in KEEPERS)
        assert succeeded(told) == {}
        assert list(told.outcomes) == list(ATTEMPTS)
        assert told.codes == (0,)
        assert Path(world.letter).read_text(encoding="utf-8") == "secret"
        assert Path(world.own, "note.md").read_text(encoding="utf-8") == "note"


@each_user
def test_without_a_jail_the_same_attempts_succeed(user: int) -> None:
    with planted(user) as world:
        told = run(None, world, "attempts", user=user)
    may_fail = UNSURE | (set() if IS_ROOT and not user else ROOT_ONLY)
    # "Begun" and no end: another program took its place.
    failed = {name: each for name, each in told.outcomes.items() if each not in ("done", "begun") and name not in may_fail}
    assert failed == {}
    assert list(told.outcomes) == list(ATTEMPTS)


@pytest.mark.parametrize("abi", [1, 2, 3, 5])
@pytest.mark.parametrize("role", ["files", "reader"])
def test_what_an_older_kernel_does_not_refuse_the_filter_does(role: Role, abi: int) -> None:
    with planted(0) as world:
        told = run(role, world, "attempts", abi=abi, writes=role in KEEPERS)
    assert succeeded(told) == {}
    assert list(told.outcomes) == list(ATTEMPTS)


@pytest.mark.parametrize(
    ("abi", "refused"), [(1, OF_FILES), (4, OF_FILES | OF_TCP), (6, OF_FILES | OF_TCP | OF_SCOPES)], ids=["1", "4", "6"]
)
def test_landlock_alone_refuses_what_its_version_is_for(abi: int, refused: set[str]) -> None:
    if landlock_abi() < abi:
        pytest.skip(f"this kernel has no Landlock {abi}")
    with planted(0) as world:
        told = run("reader", world, "attempts", abi=abi, filters=False)
    assert refused & set(succeeded(told)) == set()
    assert "not confined: system calls" in told.enforced


@pytest.mark.skipif(not IS_ROOT, reason="only root has such rights to give up")
def test_root_gives_its_rights_up_beside_all_else() -> None:
    with planted(0) as world:
        told = run("parser", world, "attempts", abi=0, filters=False)
    assert BY_RIGHTS & set(succeeded(told)) == set()


@each_role
@each_user
def test_what_a_worker_needs_works(role: Role, user: int) -> None:
    with planted(user) as planted_world, encrypted(planted_world) as world:
        told = run(role, world, "needs", user=user, writes=role in KEEPERS)
    # Where nobody else may read Python's own code, what is already loaded has to do.
    wanted = EVERYBODY if user and not _is_readable_by_all() else set(NEEDS)
    assert {name: told.outcomes.get(name) for name in wanted if told.outcomes.get(name) != "done"} == {}


def _is_readable_by_all() -> bool:
    place = Path(os.__file__).resolve()
    return all(each.stat().st_mode & 0o005 for each in (place, *place.parents)[1:])


@pytest.mark.parametrize("abi", [2, 3, 5, NEWEST])
def test_files_are_kept_on_older_kernels_as_well(abi: int) -> None:
    with planted(0) as planted_world, encrypted(planted_world) as world:
        told = run("files", world, "needs", abi=abi, writes=True)
    assert {name: each for name, each in told.outcomes.items() if each != "done"} == {}


def test_the_first_version_lets_nothing_be_moved_between_folders() -> None:
    with planted(0) as planted_world, encrypted(planted_world) as world:
        told = run("files", world, "needs", abi=1, writes=True)
    failed = {name: each[0] for name, each in told.outcomes.items() if each != "done"}
    assert failed == {"keep_files_where_it_may": errno.EXDEV}


@each_role
def test_a_call_that_no_honest_program_makes_ends_the_process(role: Role) -> None:
    with planted(0) as world:
        told = run(role, world, "deaths")
    assert told.codes == (-signal.SIGSYS,) * len(DEATHS)
