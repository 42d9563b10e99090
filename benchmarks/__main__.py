"""python -m benchmarks [--quick] [--write]"""

import argparse
import sys
from pathlib import Path

from benchmarks import batch, hotspots, report, speed, startup

PAGE = Path(__file__).parents[1] / "docs" / "performance.md"


def main() -> None:
    options = argparse.ArgumentParser("python -m benchmarks", description="How fast it is, against plain Mesa in the same minutes.")
    options.add_argument("--quick", action="store_true", help="two rounds and no large run: two minutes, rough figures")
    options.add_argument("--write", action="store_true", help="write docs/performance.md")
    asked = options.parse_args()

    def say(line: str) -> None:
        print(line, file=sys.stderr, flush=True)

    rounds, sizes, large = (2, (1, 64, 512), ()) if asked.quick else (5, (1, 64, 512, 1024), (20_000,))
    figures = report.Figures(
        speed=speed.measure(sizes, rounds, say),
        startup=startup.measure(rounds, say),
        parts=batch.measure_parts(1_000, say),
        whole={worlds: batch.measure_whole(worlds, say) for worlds in (1_000, *large)},
        hotspots=hotspots.measure(),
    )
    print(report.tables(figures))
    if asked.write:
        PAGE.write_text(report.page(figures), encoding="utf-8")
        say(f"written: {PAGE}")


if __name__ == "__main__":
    main()
