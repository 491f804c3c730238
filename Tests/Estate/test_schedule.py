"""When tasks run."""

from estate.schedule import Schedule


def run(tasks, *moments):
    """What was run, by name and due time, when the schedule was asked at these moments."""
    schedule, ran = Schedule(0.0), []
    for name, (after, every) in tasks.items():
        schedule.add(lambda due, name=name, every=every: ran.append((name, due)) or every, after)
    for moment in moments:
        schedule.run(moment)
    return ran


def test_tasks_run_in_the_order_of_their_times():
    assert run({"slow": (1, 3), "fast": (2, 1)}, 4) == [("slow", 1), ("fast", 2), ("fast", 3), ("slow", 4), ("fast", 4)]


def test_how_often_is_asked_makes_no_difference():
    tasks = {"slow": (1, 3), "fast": (2, 1)}
    assert run(tasks, *range(9)) == run(tasks, 8)


def test_nothing_runs_before_its_time():
    assert run({"once": (5, 100)}, 4.9) == []


def test_what_was_missed_for_long_is_left_out():
    ran = run({"often": (0, 1)}, 0, 3600)
    assert ran[0] == ("often", 0) and ran[1:] == [("often", 3600)]
