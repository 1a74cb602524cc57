"""What each rule says of published configs, and how that differs between two versions of hpadvise.

    python benchmarks/findings.py FOLDER --save before.json      # at the one version
    python benchmarks/findings.py FOLDER --against before.json   # at the other

FOLDER holds configs that are known to work, so what is counted is alarms to justify: a rule leaves preview only after
its lines here were read one by one (`--rule CODE` lists them).
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path

from tabulate import tabulate

from advisor import rules
from advisor.engine import Options, check_paths
from advisor.findings import SEVERITIES, Report

Counts = dict[str, dict[str, int]]


def counted(report: Report) -> Counts:
    """Findings by rule and severity, and the files in which the rule speaks."""
    spoken: dict[str, Counter[str]] = {}
    for file in report.files:
        for code in {finding.code for finding in file.findings}:
            spoken.setdefault(code, Counter())["files"] += 1
        for finding in file.findings:
            spoken[finding.code][finding.severity] += 1
    return {code: dict(counts) for code, counts in sorted(spoken.items())}


def table(counts: Counts, before: Counts) -> str:
    """One line a rule; where two versions are compared, only those that differ, as `before -> now`."""
    columns = ("files", *SEVERITIES)
    names = {rule.code: rule.name for rule in rules.rules()}
    lines = []
    for code in sorted({*counts, *before}):
        now, then = counts.get(code, {}), before.get(code, {})
        if before and now == then:
            continue
        cells = [
            f"{then.get(c, 0)} -> {now.get(c, 0)}" if before and then.get(c, 0) != now.get(c, 0) else now.get(c, 0)
            for c in columns
        ]
        lines.append([code, names.get(code, "(gone)"), *cells])
    return tabulate(lines, headers=["code", "rule", "files", "errors", "warnings", "notes"])


def main() -> None:
    """Count, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--save", type=Path, help="write the counts to this file")
    parser.add_argument("--against", type=Path, help="compare with counts that --save wrote")
    parser.add_argument("--rule", help="list every finding of this rule instead")
    parser.add_argument("--preview", action="store_true", help="also run the rules in preview")
    options = parser.parse_args()
    extend = tuple(rule.code for rule in rules.rules() if rule.preview) if options.preview else ()
    report = check_paths([str(options.folder)], Options(fail_on="never", extend_select=extend, places=False))
    if options.rule:
        for file in report.files:
            for finding in file.findings:
                if finding.code == options.rule:
                    print(f"{file.path}: {finding.severity} {finding.message}")
        return
    counts = counted(report)
    if options.save:
        options.save.write_text(json.dumps(counts, indent=1) + "\n", encoding="utf-8")
    before = json.loads(options.against.read_text(encoding="utf-8")) if options.against else {}
    print(table(counts, before))
    checked = sum(file.status == "checked" for file in report.files)
    print(f"\n{checked} runs checked, {len(report.files)} read")


if __name__ == "__main__":
    main()
