"""Looks at everything that can be seen without running the product: ``bin/check``."""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

PYTHON = sys.executable
ATRIUM = (PYTHON, "-m", "atrium")


@dataclass(frozen=True)
class Step:
    name: str
    command: tuple[str, ...]
    needs: str = ""
    """The subcommand of ours without which this step is not there yet."""


LAYOUT = ("tests/house/test_layout.py", "tests/house/test_foreign_keys_point_down.py")
STEPS = (
    Step("types", (PYTHON, "-m", "mypy", "atrium", "tests")),
    Step("format", (PYTHON, "-m", "ruff", "format", "--check", "--output-format", "concise", ".")),
    Step("lint", (PYTHON, "-m", "ruff", "check", "--output-format", "concise", ".")),
    Step("layers", (PYTHON, "-m", "tests.house.layers")),
    Step("layout", (PYTHON, "-m", "pytest", "-q", *LAYOUT)),
    Step("django", (*ATRIUM, "check", "--fail-level", "WARNING")),
    Step("migrations", (*ATRIUM, "makemigrations", "--check", "--dry-run")),
    Step("configuration page", (*ATRIUM, "configuration_page", "--check")),
    Step("options page", (*ATRIUM, "options_page", "--check"), needs="options_page"),
    Step("erasure page", (*ATRIUM, "erasure_page", "--check"), needs="erasure_page"),
    Step("API page", (*ATRIUM, "api_page", "--check"), needs="api_page"),
    Step("translations", (*ATRIUM, "translations", "check")),
)


@dataclass(frozen=True)
class Outcome:
    step: Step
    failed: bool
    said: str
    seconds: float


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="bin/check")
    parser.add_argument("names", nargs="*", help="only these steps")
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="atrium-check-") as folder:
        environment = _environment(folder)
        steps = [step for step in STEPS if not asked.names or step.name in asked.names]
        failed = _run_all([step for step in steps if _is_there(step)], environment)
    if not steps:
        sys.stderr.write(f"There is no such step. There are: {', '.join(s.name for s in STEPS)}\n")
        return 2
    count = f"{len(failed)} of {len(steps)} failed" if failed else f"{len(steps)} steps, all good"
    say(f"bin/check: {count}")
    return 1 if failed else 0


def _environment(folder: str) -> dict[str, str]:
    ours = {name for name in os.environ if name.startswith("ATRIUM_")}
    rest = {name: value for name, value in os.environ.items() if name not in ours}
    return {**rest, "ATRIUM_DATA": folder, "ATRIUM_MODE": "development"}


def _is_there(step: Step) -> bool:
    from pathlib import Path  # noqa: PLC0415

    pattern = f"atrium/*/management/commands/{step.needs}.py"
    return not step.needs or any(Path().glob(pattern))


def _run_all(steps: list[Step], environment: dict[str, str]) -> list[Outcome]:
    failed = []
    with ThreadPoolExecutor(max_workers=max(2, (os.cpu_count() or 2))) as pool:
        running = [pool.submit(_run, step, environment) for step in steps]
        for future in as_completed(running):
            outcome = future.result()
            word = "failed" if outcome.failed else "ok"
            say(f"{word:<6}  {outcome.step.name:<18}  {outcome.seconds:5.1f} s")
            if outcome.failed:
                failed.append(outcome)
                say(_indented(outcome.said))
    return failed


def _run(step: Step, environment: dict[str, str]) -> Outcome:
    begun = time.monotonic()
    ended = subprocess.run(
        step.command,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return Outcome(step, ended.returncode != 0, ended.stdout, time.monotonic() - begun)


def _indented(said: str) -> str:
    return "\n".join(f"        {line}" for line in said.strip().splitlines())


def say(sentence: str) -> None:
    sys.stdout.write(f"{sentence}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
