"""Run benchmarks by name: `python -m benchmarks [NAME ...]`; one JSON object each on standard output."""

import argparse
import importlib
import json
import pkgutil
import sys

import benchmarks


def names() -> list[str]:
    """Every module beside this one that can run."""
    found = (
        module.name for module in pkgutil.iter_modules(benchmarks.__path__) if not module.ispkg
    )
    return sorted(name for name in found if not name.startswith("_"))


def main() -> int:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", help=f"of {', '.join(names())}; all without any")
    parser.add_argument("--messages", type=int, help="of the mailing; 2000 without")
    parser.add_argument("--rounds", type=int, help="of the mailing; 3 without")
    arguments = parser.parse_args()
    wanted = arguments.names or names()
    unknown = set(wanted) - set(names())
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    for name in wanted:
        result = importlib.import_module(f"benchmarks.{name}").run(arguments)
        print(json.dumps(result, ensure_ascii=False), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
