"""Ctrl-C and its kin, in a process of their own."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
import threading

import pytest

from batch_sms.signals import stopper

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals are sent by another way there")

NAMES = ["SIGINT", "SIGTERM", "SIGHUP"]


def said_by(script, *arguments):
    """What a process says that runs this script."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.stderr, done.returncode) == ("", 0)
    return done.stdout.split()


@pytest.mark.parametrize("first", NAMES)
@pytest.mark.parametrize("second", NAMES)
def test_the_first_one_stops_and_the_second_breaks_off(first, second):
    script = """
        import signal, sys
        from batch_sms.signals import stopper
        first, second = (getattr(signal, name) for name in sys.argv[1:])
        before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
        try:
            with stopper() as signals, signals.step(print):
                signal.raise_signal(first)
                print("goes-on")
                signal.raise_signal(second)
                print("too-far")
        except KeyboardInterrupt:
            print("broken-off")
        print(all(signal.getsignal(number) is handler for number, handler in before.items()))
    """
    assert said_by(script, first, second) == [first, "goes-on", "broken-off", "True"]


def test_after_the_second_one_they_are_noted_only_and_one_between_steps_ends_the_next_as_it_begins():
    script = """
        import signal
        from batch_sms.signals import stopper
        with stopper() as signals:
            signal.raise_signal(signal.SIGHUP)
            try:
                with signals.step(print):
                    signal.raise_signal(signal.SIGTERM)
                    signal.raise_signal(signal.SIGTERM)
            except KeyboardInterrupt:
                signal.raise_signal(signal.SIGINT)
                print("goes-on")
            with signals.step(print):
                signal.raise_signal(signal.SIGINT)
            print(signals.first)
    """
    assert said_by(script) == ["SIGHUP", "SIGTERM", "goes-on", "SIGHUP", "SIGINT", "SIGHUP"]


def test_afterwards_everything_is_as_before():
    script = """
        import signal
        from batch_sms.signals import stopper
        mine = lambda number, frame: print("mine")
        signal.signal(signal.SIGTERM, mine)
        with stopper() as signals, signals.step(print):
            signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGTERM)
        with stopper() as signals, signals.step(print):
            signal.raise_signal(signal.SIGTERM)
        print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)
    """
    assert said_by(script) == ["SIGTERM", "mine", "SIGTERM", "True"]


def test_what_was_started_under_nohup_is_not_ended_by_a_closed_terminal():
    script = """
        import signal
        from batch_sms.signals import stopper
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        with stopper() as signals, signals.step(print):
            signal.raise_signal(signal.SIGHUP)
            signal.raise_signal(signal.SIGTERM)
        print(signals.first, signal.getsignal(signal.SIGHUP) is signal.SIG_IGN)
    """
    assert said_by(script) == ["SIGTERM", "SIGTERM", "True"]


def test_a_fault_inside_restores_the_handlers_too():
    script = """
        import signal
        from batch_sms.signals import stopper
        try:
            with stopper() as signals, signals.step(print):
                raise ValueError
        except ValueError:
            print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)
    """
    assert said_by(script) == ["True"]


def test_what_comes_after_an_inner_one_has_ended_is_noted_only_until_the_next_step():
    script = """
        import signal
        from batch_sms.signals import stopper
        def stop(name):
            raise KeyboardInterrupt
        with stopper() as outer:
            with outer.step(stop):
                with stopper() as inner, inner.step(print):
                    pass
                for _ in range(3):
                    signal.raise_signal(signal.SIGINT)
                print("sent", outer.first)
            try:
                with outer.step(stop):
                    print("too-far")
            except KeyboardInterrupt:
                print("not-begun")
    """
    assert said_by(script) == ["sent", "SIGINT", "not-begun"]


def test_a_signal_from_another_process_ends_a_wait():
    script = """
        import queue
        from batch_sms.signals import stopper
        came = queue.SimpleQueue()
        with stopper() as signals, signals.step(came.put):
            print("waits", flush=True)
            print(came.get())
    """
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "waits\n"
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=60)
    assert (said, process.returncode) == ("SIGTERM\n", 0)


def test_in_another_thread_nothing_is_changed():
    before = [signal.getsignal(getattr(signal, name)) for name in NAMES]
    inside = []

    def work():
        with stopper() as signals, signals.step(pytest.fail):
            inside.extend(signal.getsignal(getattr(signal, name)) for name in NAMES)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(60)
    assert inside == before
