"""Manual pages, from what an executable's `--help` is made of."""

import json
import pathlib
import subprocess

SEE_ALSO = ["martlet", *[f"martlet-{role}" for role in ("metrics", "logs", "traces", "alerts", "agent", "dashboards")]]
EXIT_STATUS = [
    ("0", "stopped cleanly"),
    ("1", "failure of the machine: an address in use, a locked or unwritable directory, a full disk"),
    ("2", "wrong flag, configuration or credential; one line on standard error names it"),
]


def pages(executable: pathlib.Path, version: str, date: str) -> dict[str, str]:
    """Manual page by name, for the executable and each of its subcommands.

    - date: of the sources, `2026-11-28`.
    """
    help_text = subprocess.run(
        [str(executable), "--experimental-dump-help"], check=True, capture_output=True, text=True).stdout
    command = json.loads(help_text)["command"]
    made = {}
    _add(made, command, [command["commandName"]], version, date)
    return made


def _add(made: dict, command: dict, names: list[str], version: str, date: str) -> None:
    subcommands = [sub for sub in command.get("subcommands", []) if sub["commandName"] != "help"]
    # `martlet metrics` has only subcommands, and the page of that name is the server's.
    if len(names) == 1 or "-".join(names) not in SEE_ALSO:
        made["-".join(names)] = _page(command, names, subcommands, version, date)
    for subcommand in subcommands:
        _add(made, subcommand, [*names, subcommand["commandName"]], version, date)


def _page(command: dict, names: list[str], subcommands: list[dict], version: str, date: str) -> str:
    name = "-".join(names)
    arguments = [argument for argument in command.get("arguments", []) if argument.get("shouldDisplay", True)]
    synopsis = f"\\fB{_text(' '.join(names))}\\fR"
    if subcommands:
        synopsis += " \\fIsubcommand\\fR"
    if arguments:
        synopsis += " [\\fIoptions\\fR]"
    lines = [
        f'.TH "{name.upper()}" 1 "{date}" "Martlet {version}" "Martlet"',
        ".SH NAME", f"{_text(name)} \\- {_text(command.get('abstract', '').rstrip('.'))}",
        ".SH SYNOPSIS", synopsis,
    ]
    if command.get("discussion"):
        lines += [".SH DESCRIPTION", *_text(command["discussion"]).splitlines()]
    if subcommands:
        lines.append(".SH SUBCOMMANDS")
        for subcommand in subcommands:
            lines += [".TP", f"\\fB{_text(subcommand['commandName'])}\\fR", _text(subcommand.get("abstract", ""))]
    if arguments:
        lines.append(".SH OPTIONS")
        for argument in arguments:
            lines += [".TP", _synopsis(argument), _description(argument)]
    lines.append(".SH EXIT STATUS")
    for code, meaning in EXIT_STATUS:
        lines += [".TP", f"\\fB{code}\\fR", _text(meaning)]
    others = [f"\\fB{_text(other)}\\fR(1)" for other in SEE_ALSO if other != name]
    lines += [".SH SEE ALSO", ", ".join(others), ".PP", "/usr/share/doc/martlet"]
    return "\n".join(lines) + "\n"


def _synopsis(argument: dict) -> str:
    names = []
    for name in argument.get("names") or []:
        dashes = "-" if name["kind"] == "short" else "--"
        names.append(f"\\fB{_text(dashes + name['name'])}\\fR")
    value = f"\\fI{_text(argument.get('valueName', ''))}\\fR"
    if argument["kind"] == "option":
        return ", ".join(names) + " " + value
    return ", ".join(names) or value


def _description(argument: dict) -> str:
    parts = [argument.get("abstract", ""), argument.get("discussion", "")]
    if argument.get("defaultValue") and argument["kind"] != "flag":
        parts.append(f"(default: {argument['defaultValue']})")
    return _text(" ".join(part for part in parts if part).replace("\n", " "))


def _text(text: str) -> str:
    """Escaped for roff: backslashes, hyphens that are to be typed, and dots that would begin a request."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    return "\n".join("\\&" + line if line[:1] in (".", "'") else line for line in escaped.splitlines())
