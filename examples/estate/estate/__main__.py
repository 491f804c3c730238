"""The command line: `python3 -m estate`."""

import argparse
import signal
import sys
import threading
import time

from .control import Server
from .generator import Estate, Outlets, run
from .knobs import INCIDENTS, MEANINGS, KnobError, Knobs


def address(text):
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not HOST:PORT")
    return host, int(port)


def rate(text):
    """country=DE:0.3 as a change of knobs."""
    group, equals, rest = text.partition("=")
    name, colon, number = rest.rpartition(":")
    try:
        if equals and colon:
            return {"failure_rate": {group: {name: float(number)}}}
    except ValueError:
        pass
    raise argparse.ArgumentTypeError(f"{text!r} is not GROUP=NAME:SHARE, such as country=DE:0.3 or service=crm-system:0.5")


def parser():
    parser = argparse.ArgumentParser(
        prog="estate", description=sys.modules["estate"].__doc__, formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="incidents:\n" + "\n".join(f"  {name:11} {MEANINGS[name]}" for name in INCIDENTS))
    parser.add_argument("--otlp", default="http://127.0.0.1:4318", metavar="URL", help="OTLP over HTTP (%(default)s)")
    parser.add_argument("--logs", default="http://127.0.0.1:3100", metavar="URL", help="Loki's push call (%(default)s)")
    parser.add_argument("--log-file", metavar="PATH", help="where flask-app writes its text log; without it the lines are pushed")
    parser.add_argument("--listen", default="127.0.0.1:5100", type=address, metavar="HOST:PORT",
                        help="the knobs and the metrics that are scraped (127.0.0.1:5100)")
    parser.add_argument("--rate", type=float, default=1.0, help="of everything that comes at random (%(default)s)")
    parser.add_argument("--failure-rate", type=rate, action="append", default=[], metavar="GROUP=NAME:SHARE",
                        help="country=DE:0.3, service=crm-system:0.5; may be given several times")
    parser.add_argument("--incident", action="append", default=[], choices=list(INCIDENTS), help="one that is on at the start")
    parser.add_argument("--seed", default="1", help="equal seeds do equal things (%(default)s)")
    return parser


def main(arguments=None):
    parsed = parser()
    options = parsed.parse_args(arguments)
    knobs = Knobs()
    try:
        for change in [*options.failure_rate, {"rate": options.rate, "incidents": options.incident}]:
            knobs.turn(change)
    except KnobError as error:
        parsed.error(str(error))
    estate = Estate(knobs, options.seed, time.time())
    outlets = Outlets(options.otlp.rstrip("/"), options.logs.rstrip("/"), options.log_file)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    try:
        server = Server(options.listen, estate)
    except OSError as error:
        sys.exit(f"estate: cannot listen on {options.listen[0]}:{options.listen[1]}: {error.strerror}; choose another --listen")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    outlets.start()
    run(estate, outlets, stop)
    outlets.stop()


if __name__ == "__main__":
    main()
