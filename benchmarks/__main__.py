"""python -m benchmarks [--quick] [--write]"""

import argparse
import sys
from pathlib import Path

from benchmarks import agents, batch, hotspots, jobs, mesa_batch, report, speed, startup

PAGE = Path(__file__).parents[1] / "docs" / "performance.md"


def main() -> None:
    options = argparse.ArgumentParser("python -m benchmarks", description="How fast it is, against plain Mesa in the same minutes.")
    options.add_argument("--quick", action="store_true", help="two rounds and no large run: three minutes, rough figures")
    options.add_argument("--write", action="store_true", help="write docs/performance.md")
    asked = options.parse_args()

    def say(line: str) -> None:
        print(line, file=sys.stderr, flush=True)

    quick = asked.quick
    rounds, sizes, large = (2, (1, 64, 512), (1_000,)) if quick else (5, (1, 64, 512, 4096), (1_000, 10_000, 100_000))
    figures = report.Figures(
        jobs=jobs.measure(*((1_024, 1) if quick else (4_096, 3)), say),
        speed=speed.measure(sizes, rounds, say),
        mesa_batch=mesa_batch.measure(say),
        startup=startup.measure(rounds, say),
        agents=agents.measure(say),
        parts_of=large[-1] if quick else 10_000,
        parts=batch.measure_parts(large[-1] if quick else 10_000, say),
        hotspots=hotspots.measure(),
        whole={worlds: batch.measure_whole(worlds, say) for worlds in large},
    )
    print(report.tables(figures))
    if asked.write:
        PAGE.write_text(report.page(figures), encoding="utf-8")
        say(f"written: {PAGE}")


if __name__ == "__main__":
    main()
