"""`referral-broker catalogue …`: the catalogue compared with itself, with the forms, and with its earlier versions."""

import argparse
from pathlib import Path

from service.catalogue import commands


def main(arguments: list[str]) -> int:
    """Check the catalogue, report on it, or release new versions of packs; exit code 1 where something is wrong."""
    parser = argparse.ArgumentParser(prog="referral-broker catalogue")
    tasks = parser.add_subparsers(dest="task", required=True)
    checking = tasks.add_parser("check", help="say what is wrong with the catalogue, or that nothing is")
    checking.add_argument("--pack", metavar="NAME", help="look at one pack alone")
    reporting = tasks.add_parser("report", help="say how many questions the forms' fields become")
    reporting.add_argument("path", nargs="?", type=Path, help="write to this file instead")
    tasks.add_parser("release", help="keep new versions of packs from ever changing")
    comparing = tasks.add_parser("difference", help="say what changed between two versions of a pack")
    for name in ("pack", "old", "new"):
        comparing.add_argument(name, metavar=name.upper())
    asked = parser.parse_args(arguments)
    if asked.task == "difference":
        return commands.difference(asked.pack, asked.old, asked.new)
    if asked.task == "check":
        return commands.check(asked.pack)
    return commands.report(asked.path) if asked.task == "report" else commands.release()
