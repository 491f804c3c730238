"""What can be turned while the estate runs: rates of failure, delays, services that are down, incidents.

A knob has its own setting, and an incident is a set of settings that hold on top of it until the incident ends.
"""

import copy

# A country's failures are those of its payment provider, a service's those of its own requests or packets. `delay` is how many times
# longer than usual something takes.
DEFAULTS = {
    "rate": 1.0,
    "failure_rate": {
        "country": {"US": 0.05, "UK": 0.07, "DE": 0.06, "FR": 0.08, "JP": 0.10, "BR": 0.15, "IN": 0.12},
        "service": {"crm-system": 0.08, "inventory-system": 0.10, "main-service": 0.0004, "payments-service": 0.0,
                    "promotions-service": 0.0, "payment-gateway": 0.0004, "stripe": 0.02, "solar-backend": 0.012,
                    "solarman-collector": 0.004, "flask-app": 0.01},
    },
    "delay": {"payment-provider": 1.0, "stripe": 1.0, "main-service": 1.0, "promotions-service": 1.0, "solar-backend": 1.0},
    "down": [],
    "incidents": [],
}
CAN_BE_DOWN = ["promotions-service", "payments-service"]

INCIDENTS = {
    "payments": {
        "failure_rate": {
            "country": {country: 0.55 for country in DEFAULTS["failure_rate"]["country"]},
            "service": {"stripe": 0.5, "payments-service": 0.25, "payment-gateway": 0.2}},
        "delay": {"payment-provider": 20.0, "stripe": 10.0},
    },
    "checkout": {
        "failure_rate": {"service": {"main-service": 0.35}},
        "delay": {"main-service": 900.0},
    },
    "promotions": {"down": ["promotions-service"]},
    "grid": {
        "failure_rate": {"service": {"solar-backend": 0.15}},
        "delay": {"solar-backend": 60.0},
    },
    "trading": {},
}
MEANINGS = {
    "payments": "the payment providers refuse more than half of all payments, and slowly",
    "checkout": "the shop's database is exhausted: slow checkouts that fail, carts that are left",
    "promotions": "the promotions service is down: no telemetry of it, refused connections to it",
    "grid": "all inverters fall silent, the solar backend is slow and fails",
    "trading": "the trading engine has stopped: losses, a phase lost, a hot GPU, sentiment sources gone",
}


class KnobError(ValueError):
    """A setting that does not exist or is out of its range; the text says which, and what is possible."""


def _number(path, of, low, high):
    if isinstance(of, bool) or not isinstance(of, (int, float)) or not low <= of <= high:
        raise KnobError(f"{path} must be a number from {low:g} to {high:g}, not {of!r}")
    return float(of)


def _names(path, of, possible):
    if not isinstance(of, list) or any(name not in possible for name in of):
        raise KnobError(f"{path} must be a list of {', '.join(possible)}, not {of!r}")
    return list(dict.fromkeys(of))


def _numbers(path, of, into, low, high):
    if not isinstance(of, dict):
        raise KnobError(f"{path} must be an object, not {of!r}")
    for name, number in of.items():
        if name not in into:
            raise KnobError(f"{path} has no {name!r}; it has {', '.join(into)}")
        into[name] = _number(f"{path}.{name}", number, low, high)


class Knobs:
    """The settings, asked for by the systems at each event."""

    def __init__(self):
        self.settings = copy.deepcopy(DEFAULTS)

    def turn(self, changes):
        """Merges settings of the shape of `DEFAULTS`; all of them or, when one is wrong, none (KnobError)."""
        settings = copy.deepcopy(self.settings)
        if not isinstance(changes, dict):
            raise KnobError(f"knobs must be an object, not {changes!r}")
        for name, of in changes.items():
            if name == "rate":
                settings["rate"] = _number("rate", of, 0.05, 50)
            elif name == "failure_rate":
                if not isinstance(of, dict) or any(group not in settings[name] for group in of):
                    raise KnobError("failure_rate must be an object with country and service")
                for group, rates in of.items():
                    _numbers(f"{name}.{group}", rates, settings[name][group], 0, 1)
            elif name == "delay":
                _numbers(name, of, settings[name], 0.1, 1000)
            elif name == "down":
                settings[name] = _names(name, of, CAN_BE_DOWN)
            elif name == "incidents":
                settings[name] = _names(name, of, list(INCIDENTS))
            else:
                raise KnobError(f"there is no knob {name!r}; there are {', '.join(DEFAULTS)}")
        self.settings = settings

    def incident(self, name):
        return name in self.settings["incidents"]

    def _in_force(self, *path):
        """The highest of the knob's own setting and those of the incidents."""
        found = []
        for settings in (self.settings, *(INCIDENTS[name] for name in self.settings["incidents"])):
            for step in path:
                settings = settings.get(step, {})
            if settings != {}:
                found.append(settings)
        return max(found)

    @property
    def rate(self):
        return self.settings["rate"]

    def failure_rate(self, group, name):
        return self._in_force("failure_rate", group, name)

    def delay(self, name):
        """How many times longer than usual a service takes."""
        return self._in_force("delay", name)

    def is_down(self, service):
        return any(service in settings.get("down", ()) for settings in
                   (self.settings, *(INCIDENTS[name] for name in self.settings["incidents"])))


class Shares:
    """Says yes to a share of questions, evenly: never more of the first n than the share of n, never two in a row by luck.

    So a failure rate of 15 % does not look like 30 % for some minutes, and no alert on 20 % fires by chance.
    """

    def __init__(self):
        self.owed = {}

    def take(self, share, *key):
        owed = self.owed.get(key, 0.0) + share
        self.owed[key] = owed - 1 if owed >= 1 else owed
        return owed >= 1
