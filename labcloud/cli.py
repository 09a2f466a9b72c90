"""The `labcloud` command."""

from __future__ import annotations

import argparse
import sys
import threading
import time
from pathlib import Path

from labcloud.process import LabcloudError, Running, default_directory, down, find, reset, up


def main(arguments: list[str] | None = None) -> int:
    """Run the `labcloud` command and return its exit status."""
    given = _parser().parse_args(arguments)
    try:
        status: int = given.run(given)
    except LabcloudError as error:
        print(f"labcloud: {error}", file=sys.stderr)
        return 1
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="labcloud", description="The AWS on this computer: real engines behind the real APIs."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: object, text: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=text, description=text)
        sub.set_defaults(run=run)
        sub.add_argument("--dir", type=Path, default=default_directory(), help="its state")
        return sub

    sub = command("up", _up, "start it; the last line is its endpoint URL")
    sub.add_argument("--port", type=int, help="default: 4510 or the next free one")
    sub.add_argument("--foreground", action="store_true", help="serve in this process")
    command("status", _status, "tell whether it is up")
    command("down", _down, "stop it; its state stays")
    command("reset", _reset, "stop it and remove all its state")
    sub = command("coverage", _coverage, "what it runs, keeps and does not have")
    sub.add_argument("service", nargs="?", help="one service, operation by operation")
    sub.add_argument("--write", type=Path, metavar="FILE", help="write docs/coverage.md")
    sub = command("bill", _bill, "what the actions so far would have cost on AWS")
    sub.add_argument("--lab", help="of one lab only")
    sub = command("clock", _clock, "show the cloud's clock, or put it forward")
    sub.add_argument("--advance", metavar="DURATION", help="30m, 2h, 7d")
    return parser


def _up(given: argparse.Namespace) -> int:
    if given.foreground:
        return _foreground(given.dir, given.port)
    running = up(given.dir, given.port)
    print(f"labcloud is up (process {running.pid}); its state is in {running.directory}")
    print(running.url)
    return 0


def _foreground(directory: Path, port: int | None) -> int:
    from labcloud.ports import PortTaken, free_ports
    from labcloud.server import DirectoryTaken, serve

    if (running := find(directory)) is not None:
        raise LabcloudError(f"it is up already at {running.url}")
    chosen = next(free_ports(port), None)
    if chosen is None:
        raise LabcloudError(f"port {port} is taken; give another with --port")
    threading.Thread(target=_print_url_when_up, args=(directory.resolve(),), daemon=True).start()
    try:
        serve(directory.resolve(), chosen)
    except (DirectoryTaken, PortTaken) as error:
        raise LabcloudError(str(error)) from error
    return 0


def _print_url_when_up(directory: Path) -> None:
    while (running := find(directory)) is None:
        time.sleep(0.02)
    print(running.url, flush=True)


def _status(given: argparse.Namespace) -> int:
    running = find(given.dir)
    if running is None:
        print(f"labcloud is down ({given.dir})")
        return 3
    print(f"labcloud is up at {running.url} (process {running.pid}, {running.directory})")
    return 0


def _down(given: argparse.Namespace) -> int:
    print("labcloud is down" if down(given.dir) else "labcloud was not up")
    return 0


def _reset(given: argparse.Namespace) -> int:
    reset(given.dir)
    print(f"nothing is left in {given.dir}")
    return 0


def _coverage(given: argparse.Namespace) -> int:
    from labcloud.coverage import coverage, page, summary
    from labcloud.services import SERVICES

    if given.write:
        given.write.write_text(page())
    elif given.service is None:
        print(summary())
    elif given.service in SERVICES:
        for operation, kind in coverage(given.service).items():
            print(f"{operation:48} {kind}")
    else:
        raise LabcloudError(f"there is no service '{given.service}'; one of {', '.join(SERVICES)}")
    return 0


def _running(directory: Path) -> Running:
    running = find(directory)
    if running is None:
        raise LabcloudError(f"it is not up in {directory}; `labcloud up` starts it")
    return running


def _bill(given: argparse.Namespace) -> int:
    from labcloud.billing import render

    asked = {"lab": given.lab} if given.lab else {}
    print(render(_running(given.dir).control("bill", **asked)))
    return 0


def _clock(given: argparse.Namespace) -> int:
    asked = {"advance": given.advance} if given.advance else {}
    told = _running(given.dir).control("clock", **asked)
    print(f"{told['now']} ({told['ahead']:.0f} s ahead of this computer)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
