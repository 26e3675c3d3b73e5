"""The arithmetic of the bench: its figures are believed, so it must be right."""

from __future__ import annotations

import pytest
from bench.figures import Figure, Goal, compared, cores_at_the_end, mean_rate, most_in_window, number, table


@pytest.mark.parametrize(
    ("times", "most"),
    [
        ([], 0),
        ([5.0], 1),
        ([0.0, 0.25, 0.5, 0.75], 4),
        ([0.0, 0.25, 0.5, 0.75, 1.0], 4),
        ([0.0, 1.0, 2.0], 1),
        ([0.0, 0.9, 1.8, 1.85, 1.89], 4),
        ([3.0, 1.0, 3.0, 2.5], 3),
    ],
)
def test_most_in_a_second_wherever_it_begins(times, most):
    assert most_in_window(times) == most


@pytest.mark.parametrize(
    ("times", "rate"), [([], 0.0), ([1.0], 0.0), ([0.0, 0.5, 1.0, 1.5, 2.0], 2.0), ([2.0, 0.0], 0.5)]
)
def test_the_mean_rate_is_of_the_gaps(times, rate):
    assert mean_rate(times) == rate


@pytest.mark.parametrize(
    ("spent", "cores"),
    [
        ([(0.0, 7.0)], 0.0),
        ([(0.0, 7.0), (1.0, 7.5), (2.0, 8.0), (3.0, 8.5)], 0.5),
        ([(0.0, 7.0), (1.0, 9.0), (2.0, 9.5), (3.0, 10.0), (4.0, 10.0), (5.0, 10.0)], 0.5),
        ([(0.0, 7.0), (1.0, 9.0)], 1.0),
    ],
    ids=["not at all", "all the time", "before it and not after it", "less long"],
)
def test_the_cores_that_something_had_are_those_of_its_last_seconds_of_work(spent, cores):
    assert cores_at_the_end(spent, 2.0) == cores


def test_a_ratio_is_the_median_of_the_rounds():
    figure = compared("part", "ours", "1/s", [100.0, 50.0, 300.0], "theirs", [100.0, 40.0, 100.0])
    assert (figure.value, figure.reference, figure.ratio) == (100.0, 100.0, 1.25)


@pytest.mark.parametrize(
    ("goal", "value", "ratio", "met"),
    [
        (None, 1.0, None, None),
        (Goal(most=600), 600.0, None, True),
        (Goal(most=600), 601.0, 0.5, False),
        (Goal(least=0.9, of_ratio=True), 100.0, 0.9, True),
        (Goal(least=0.9, of_ratio=True), 100.0, 0.89, False),
    ],
)
def test_a_goal_is_of_the_value_or_of_the_ratio(goal, value, ratio, met):
    assert Figure("part", "name", value, "unit", ratio=ratio, goal=goal).met is met


@pytest.mark.parametrize(
    ("value", "text"), [(None, ""), (0.1234, "0.123"), (12.3, "12.3"), (20.0, "20"), (1234.5, "1,234"), (99.99, "100")]
)
def test_numbers_are_short(value, text):
    assert number(value) == text


def test_the_table_says_which_goal_is_not_met():
    figures = [
        Figure("check", "1,000,000 rows", 41.0, "s", goal=Goal(most=40)),
        compared("start", "help", "ms", [30.0], "import click", [20.0], Goal(most=3, of_ratio=True)),
    ]
    assert [line.split() for line in table(figures).splitlines()[2:]] == [
        ["check", "1,000,000", "rows", "41", "s", "<=", "40", "NO"],
        ["start", "help", "30", "ms", "import", "click", "20", "1.5", "<=", "3", "x", "yes"],
    ]
