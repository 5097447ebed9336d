"""Being woken: at the moment asked for, and by a heartbeat that notices sleep and clocks that are set."""

import asyncio
import datetime as dt
from dataclasses import dataclass, field

import pytest

from butler.core.clocks import Change, Reading, change_between
from butler.triggers import Triggers

NOW = dt.datetime(2026, 3, 28, 23, 0, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


def reading(wall: dt.timedelta = dt.timedelta(), awake: float = 0.0, since_boot: float = 0.0) -> Reading:
    return Reading(NOW + wall, 100.0 + awake, 500.0 + since_boot)


@pytest.mark.parametrize(
    ("after", "change", "words"),
    [
        (reading(dt.timedelta(seconds=30), 30, 30), Change(), ""),
        (reading(dt.timedelta(seconds=31.5), 30, 30.4), Change(), ""),
        (reading(9 * HOUR, 30, 9 * 3600), Change(slept=9 * HOUR - dt.timedelta(seconds=30)), "The machine slept for 8:59:30."),
        (reading(-HOUR + dt.timedelta(seconds=30), 30, 30), Change(shifted=-HOUR), "The clock was set back by 1:00:00."),
        (reading(25 * HOUR, 3600, 3600), Change(shifted=24 * HOUR), "The clock was set forward by 1 day, 0:00:00."),
        (
            reading(-HOUR, 30, 7200),
            Change(slept=dt.timedelta(seconds=7170), shifted=-3 * HOUR),
            "The machine slept for 1:59:30. The clock was set back by 3:00:00.",
        ),
    ],
)
def test_sleep_and_a_clock_that_is_set_are_told_apart(after: Reading, change: Change, words: str) -> None:
    found = change_between(reading(), after)
    assert (found, str(found), found.is_steady) == (change, words, not words)


@dataclass
class Machine:
    """Clocks that a test moves, running beside the real one, and a record of who was woken with what."""

    shift: dt.timedelta = dt.timedelta()
    slept: float = 0.0
    woken: list[Change] = field(default_factory=list)
    rung: asyncio.Event = field(default_factory=asyncio.Event)

    def wall(self) -> dt.datetime:
        return dt.datetime.now(dt.UTC) + self.shift

    def awake(self) -> float:
        return asyncio.get_running_loop().time()

    def since_boot(self) -> float:
        return self.awake() + self.slept

    def wake(self, change: Change) -> None:
        self.woken.append(change)
        self.rung.set()

    def triggers(self, beat: float = 60.0) -> Triggers:
        return Triggers(self.wake, self.wall, self.awake, self.since_boot, beat)


async def until(machine: Machine, count: int) -> None:
    async with asyncio.timeout(30):
        while len(machine.woken) < count:
            machine.rung.clear()
            await machine.rung.wait()


def test_it_wakes_at_the_moment_asked_for_even_on_a_machine_whose_clock_is_wrong() -> None:
    async def live() -> float:
        machine = Machine(shift=dt.timedelta(days=-20_000))
        triggers = machine.triggers()
        triggers.arm(machine.wall() + dt.timedelta(seconds=30))
        triggers.start()
        triggers.arm(machine.wall() + dt.timedelta(seconds=0.1))
        began = machine.awake()
        await until(machine, 1)
        triggers.stop()
        return machine.awake() - began

    assert 0.08 < asyncio.run(live()) < 1


def test_what_was_armed_before_is_forgotten_and_nothing_rings_twice() -> None:
    async def live() -> list[Change]:
        machine = Machine()
        triggers = machine.triggers()
        triggers.start()
        triggers.arm(machine.wall() + dt.timedelta(seconds=0.05))
        triggers.arm(None)
        triggers.arm(None)
        await asyncio.sleep(0.1)
        assert machine.woken == []
        triggers.arm(machine.wall() - HOUR)
        await until(machine, 1)
        await asyncio.sleep(0.1)
        triggers.stop()
        triggers.stop()
        return machine.woken

    assert asyncio.run(live()) == [Change()]


def test_a_busy_loop_only_puts_the_alarm_off() -> None:
    async def live() -> list[Change]:
        machine = Machine()
        triggers = machine.triggers()
        triggers.start()
        triggers.arm(machine.wall() + dt.timedelta(seconds=0.05))
        await asyncio.sleep(0)
        # More than the second that APScheduler would forgive by itself.
        loop = asyncio.get_running_loop()
        until_then = loop.time() + 1.3
        while loop.time() < until_then:
            pass
        await until(machine, 1)
        triggers.stop()
        return machine.woken

    assert asyncio.run(live()) == [Change()]


def test_the_heartbeat_goes_on_over_clocks_that_are_set_and_tells_of_sleep() -> None:
    async def live() -> list[Change]:
        machine = Machine()
        triggers = machine.triggers(beat=0.03)
        triggers.start()
        await until(machine, 1)
        for shift in (-HOUR, 30 * HOUR):
            machine.shift += shift
            await until(machine, len(machine.woken) + 2)
        machine.slept += 7200
        machine.shift += 2 * HOUR
        await until(machine, len(machine.woken) + 2)
        triggers.stop()
        quiet = len(machine.woken)
        await asyncio.sleep(0.1)
        assert len(machine.woken) == quiet
        return [change for change in machine.woken if not change.is_steady]

    changes = asyncio.run(live())
    assert [round(change.shifted / HOUR) for change in changes] == [-1, 30, 0]
    assert [round(change.slept / HOUR) for change in changes] == [0, 0, 2]


def test_an_alarm_follows_the_clock_that_is_set() -> None:
    async def live() -> int:
        machine = Machine()
        triggers = machine.triggers(beat=0.05)
        triggers.start()
        triggers.arm(machine.wall() + HOUR)
        machine.shift += HOUR
        before = len(machine.woken)
        # The heartbeat that notices, and then the alarm, which is due now.
        async with asyncio.timeout(30):
            while triggers.armed is not None:
                machine.rung.clear()
                await machine.rung.wait()
        triggers.stop()
        return len(machine.woken) - before

    assert asyncio.run(live()) >= 2


def test_the_machine_s_own_clocks_are_steady() -> None:
    async def live() -> list[Change]:
        machine = Machine()
        triggers = Triggers(machine.wake, machine.wall, beat=0.02)
        triggers.start()
        await until(machine, 3)
        triggers.stop()
        return machine.woken

    assert {change.is_steady for change in asyncio.run(live())} == {True}
