"""Knobs: what can be turned, what is refused, and what an incident does to them."""

import pytest

from estate.knobs import INCIDENTS, KnobError, Knobs, Shares


def turned(**changes):
    knobs = Knobs()
    knobs.turn(changes)
    return knobs


def test_a_setting_changes_nothing_beside_it():
    knobs = turned(failure_rate={"country": {"DE": 0.3}})
    assert knobs.failure_rate("country", "DE") == 0.3
    assert knobs.failure_rate("country", "FR") == 0.08


def test_two_sets_of_knobs_are_apart():
    turned(failure_rate={"country": {"DE": 0.3}})
    assert Knobs().failure_rate("country", "DE") == 0.06


def test_an_incident_holds_until_it_ends():
    knobs = turned(incidents=["payments"])
    assert knobs.failure_rate("country", "DE") == 0.55 and knobs.delay("payment-provider") == 20
    knobs.turn({"incidents": []})
    assert knobs.failure_rate("country", "DE") == 0.06 and knobs.delay("payment-provider") == 1


def test_a_worse_setting_than_the_incidents_stays():
    assert turned(incidents=["payments"], failure_rate={"country": {"DE": 0.9}}).failure_rate("country", "DE") == 0.9


def test_a_service_is_down_by_its_knob_or_by_an_incident():
    assert turned(down=["payments-service"]).is_down("payments-service")
    assert turned(incidents=["promotions"]).is_down("promotions-service")
    assert not Knobs().is_down("promotions-service")


@pytest.mark.parametrize("name", INCIDENTS)
def test_an_incidents_settings_are_knobs(name):
    Knobs().turn(INCIDENTS[name])


@pytest.mark.parametrize("changes, said", [
    ([], "must be an object"),
    ({"speed": 1}, "there is no knob 'speed'; there are rate"),
    ({"rate": "fast"}, "rate must be a number from 0.05 to 50, not 'fast'"),
    ({"rate": True}, "rate must be a number"),
    ({"rate": 1e9}, "not 1000000000.0"),
    ({"failure_rate": {"DE": 0.3}}, "with country and service"),
    ({"failure_rate": 0.3}, "with country and service"),
    ({"failure_rate": {"country": {"XX": 0.3}}}, "failure_rate.country has no 'XX'; it has US"),
    ({"failure_rate": {"country": {"DE": 1.1}}}, "failure_rate.country.DE must be a number from 0 to 1"),
    ({"delay": {"stripe": float("nan")}}, "delay.stripe must be a number"),
    ({"incidents": ["flood"]}, "incidents must be a list of payments"),
    ({"incidents": "payments"}, "incidents must be a list"),
    ({"down": [{}]}, "down must be a list"),
])
def test_what_is_wrong_is_named(changes, said):
    with pytest.raises(KnobError, match=None) as caught:
        Knobs().turn(changes)
    assert said in str(caught.value)


def test_of_wrong_changes_none_is_made():
    knobs = Knobs()
    with pytest.raises(KnobError):
        knobs.turn({"rate": 2, "incidents": ["flood"]})
    assert knobs.rate == 1


@pytest.mark.parametrize("share", [0, 0.04, 0.15, 0.5, 1])
def test_a_share_of_questions_is_kept_from_the_first_on(share):
    shares, yes = Shares(), 0
    for asked in range(1, 1001):
        yes += shares.take(share, "DE")
        assert yes <= asked * share + 1e-6 < yes + 1 + 1e-6


def test_shares_of_different_keys_are_apart():
    shares = Shares()
    assert [shares.take(0.5, "a"), shares.take(0.5, "b"), shares.take(0.5, "a")] == [False, False, True]
