"""A service of the estate: its name, what it runs on, how it logs, and its instruments."""

from .metrics import Meter


class Service:
    """`language` None stands for somebody else's service, which sends no telemetry of its own but may write lines."""

    def __init__(self, name, system, language=None, scope="", log_format=None, version="1.4.2"):
        self.name, self.system, self.scope, self.log_format = name, system, scope or name, log_format
        self.resource = {"service.name": name, "service.instance.id": name + "-1", "deployment.environment": "demo",
                         "estate.system": system}
        if language:
            self.resource |= {"service.version": version, "telemetry.sdk.name": "opentelemetry",
                              "telemetry.sdk.language": language}
        self.log_labels = {"job": system, "service": name, "service_name": name}
        self.meter = Meter()

    def __repr__(self):
        return self.name
