#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Does LaTeX accept the answers?  typeset.py FILE, written by `build/tests/run --latex FILE ...`.

Every formula goes through pdflatex with amsmath, all in one document, and through KaTeX, if they are installed: KaTeX by
`npm install --prefix tests/typeset`, or wherever node finds it. What is not installed is said. Exit status 1 if a formula is refused.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))


def read(name):
    """(place, formula) of every answer, each formula once; comments of a line are not typeset."""
    seen = {}
    with open(name, encoding="utf-8") as f:
        for part in f.read().split("\n\f\n"):
            place, _, formula = part.strip("\n").partition("\n")
            formula = "\n".join(line for line in formula.split("\n") if not line.startswith("%")).strip()
            if formula:
                seen.setdefault(formula, place)
    return [(place, formula) for formula, place in seen.items()]


def by_pdflatex(answers, folder):
    """Complaints of pdflatex by answer, the first of each."""
    lines, owner = [r"\documentclass{article}", r"\usepackage{amsmath}", r"\usepackage[paperwidth=500cm,paperheight=50cm]{geometry}",
                    r"\begin{document}"], {}
    for i, (_, formula) in enumerate(answers):
        for line in [r"\[", *formula.split("\n"), r"\]"]:
            lines.append(line)
            owner[len(lines)] = i
        if i % 20 == 19:
            lines.append(r"\clearpage")
    lines.append(r"\end{document}")
    with open(os.path.join(folder, "answers.tex"), "w", encoding="utf-8") as f:
        f.write("\n".join(lines) + "\n")
    run = subprocess.run(["pdflatex", "-interaction=nonstopmode", "-file-line-error", "-draftmode", "answers.tex"], cwd=folder,
                         env={**os.environ, "max_print_line": "1000"}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    errors = {}
    for at, message in re.findall(r"^\./answers\.tex:(\d+): (.*)$", run.stdout.decode("utf-8", "replace"), re.M):
        errors.setdefault(owner.get(int(at), -1), message)
    if run.returncode and not errors:
        errors[-1] = run.stdout.decode("utf-8", "replace")[-500:]
    return errors


def by_katex(answers):
    """Complaints of KaTeX by answer; None if it is not installed."""
    run = subprocess.run(["node", os.path.join(HERE, "katex.js")], input=json.dumps([formula for _, formula in answers]).encode(),
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    if run.returncode:
        if b"Cannot find module 'katex'" in run.stderr:
            return None
        return {-1: run.stderr.decode()[-500:]}
    return {i: error for i, error in enumerate(json.loads(run.stdout)) if error}


def report(name, answers, errors):
    for i, message in sorted(errors.items()):
        place, formula = answers[i] if i >= 0 else ("?", "")
        print(f"{place}: {name}: {message}\n    {formula[:300]}")
    print(f"{name}: {len(answers)} answers, {len(errors)} refused")
    return len(errors)


def main():
    answers, bad = read(sys.argv[1]), 0
    if not answers:
        sys.exit("there are no answers in " + sys.argv[1])
    if shutil.which("pdflatex"):
        with tempfile.TemporaryDirectory() as folder:
            bad += report("pdflatex", answers, by_pdflatex(answers, folder))
    else:
        print("skipped: answers typeset by pdflatex, which is not installed")
    errors = by_katex(answers) if shutil.which("node") else None
    if errors is None:
        print("skipped: answers read by KaTeX, which is not installed (npm install --prefix tests/typeset)")
    else:
        bad += report("KaTeX", answers, errors)
    sys.exit(bad > 0)


if __name__ == "__main__":
    main()
