#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Hints keep their promise: what a refusal proposes is applied literally, and must lead to an answer or to a further question.

usage: hints.py [-v] SYMDIFF FILE...

A block of a .test file that ends in `! hint:` is typed again with what its hint says: each -d '...' as an option, each text
of "write A or B", "for X write A" and "is A, ... B" in place of the marked part, and 'name' of "did you mean 'name'?" in the
place of the marked name. A refusal of that is followed in the same way, three hints deep. A line of a .jsonl file is a formula,
`expr` and `wrt`, of which refusals are followed too; with `data` and `expected` (numbers of the derivative that was meant) one of
the ends must have these.

Failures: the same refusal once more; two texts for different readings that give one answer; a declaration of a name that the
formula does not have; of a line with `expected`, that no end has the meaning.
"""
import json, os, re, subprocess, sys, tempfile, unicodedata

DEPTH = 3
DOUBT = re.compile(r"readings|conventions|meanings|or a (vector|matrix)|over which index|unknown function")


def blocks(path):
    for text in re.split(r"\n\s*\n", open(path, encoding="utf-8").read()):
        lines = [l for l in text.split("\n") if l and not l.startswith("#")]
        head = [l for l in lines if re.match(r"(value|diff|gradient|jacobian|hessian|shapes)\b[^:]*: ", l)]
        refused = any(l.startswith("    ! hint: ") for l in lines)
        if not refused or len(head) != 1 or any(l.startswith(("| ", "limit", "data", "size", "file")) for l in lines):
            continue
        command, expr = head[0].split(" : ", 1)
        word = command.split()
        wrt = word[1] if len(word) > 1 and word[0] != "shapes" else ""
        yield head[0], expr, wrt, [l[5:] for l in lines if l.startswith("with ")], None


def lines_of_json(path):
    for line in open(path, encoding="utf-8"):
        row = json.loads(line)
        yield row["expr"], row["expr"], row["wrt"], [], row if "expected" in row else None


class Refusal:
    """What the program says of a formula: code 0 and an answer, or a message, its place and its hint."""

    def __init__(self, program, expr, wrt, declare):
        args = [program, "-q"] + [a for d in declare for a in ("-d", d)] + (["--wrt", wrt] if wrt else []) + ["--", expr]
        p = subprocess.run(args, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)
        lines = p.stderr.splitlines()
        self.code, self.answer = p.returncode, p.stdout
        self.message = (lines or [""])[0].split("error:")[-1].strip()
        self.hint = next((l[6:] for l in lines if l.startswith("hint: ")), "")
        self.place = None
        for l, below in zip(lines, lines[1:]):
            if l[2:] == expr and below.strip() and set(below) <= set(" ^~"):
                m = below[2:]
                self.place = len(m) - len(m.lstrip()), len(m.rstrip())
        between = re.match(r"expected an operator between '(.*)' and '", self.message)
        if between and self.place and between.group(1) in expr[: self.place[0]]:
            self.place = expr.rindex(between.group(1), 0, self.place[0]), self.place[1]


def text_at(s):
    """The formula at the beginning of s: up to a comma, a semicolon, ` or ` or ` for ` outside of brackets."""
    depth = 0
    for i, c in enumerate(s):
        depth += (c in "([{") - (c in ")]}")
        if depth == 0 and (c in ",;" or s.startswith((" or ", " for "), i)):
            return s[:i]
    return s


def proposals(hint, doubt):
    for d in re.findall(r"-d '([^']*)'", hint):
        yield "declare", d
    name = re.match(r"did you mean '(\w+)'\?", hint)
    if name:
        yield "name", name.group(1)
        return
    texts = re.sub(r"(declare )?-d '[^']*'", "", hint)
    m = re.match(r"write (\S.*?) or (\S.*)$", texts)
    words = r"\b(write" + ("|is" if doubt else "") + r"|reciprocal|power|for the function|length of a vector|divided by n)\s(?=\S)"
    starts = [0] if m else [x.end() for x in re.finditer(words, texts)]
    for t in m.groups() if m else [text_at(texts[k:]) for k in starts]:
        if not re.match(r"(of|the|for|a|it|what|write|declare|divided|with)\b", t) and t:
            yield "text", t.strip()


def key(name):
    """A name or text without signs, Greek letters by their names: ρ of `\\rho` is rho."""
    greek = lambda m: unicodedata.name(m.group(0), m.group(0)).split()[-1].lower()
    return re.sub(r"[\W_]", "", re.sub("[α-ωΑ-Ω]", greek, name))


class Run:
    def __init__(self, program, verbose):
        self.program, self.verbose, self.tried, self.bad = program, verbose, 0, 0

    def fail(self, where, text):
        self.bad += 1
        print("%s\n  %s" % (where, text))

    def apply(self, expr, declare, found, kind, what):
        """The formula and the declarations with one proposal; None: it says no place."""
        if kind == "declare":
            return expr, declare + [what]
        if not found.place or re.search(r"everywhere|in place|in its place", found.hint):
            return None
        first, last = found.place
        if kind == "name" and not re.match(re.escape(expr[first:last].rstrip("'(")) + r"$", expr[first:last]):
            return None
        return expr[:first] + what + expr[last:], declare

    def follow(self, where, expr, wrt, declare, found, depth, before):
        """Follows all proposals of a refusal. Returns the ends: (expr, declarations, answer)."""
        ends, answers = [], []
        for kind, what in proposals(found.hint, DOUBT.search(found.message)):
            step = self.apply(expr, declare, found, kind, what)
            if not step:
                continue
            self.tried += 1
            if self.verbose:
                print("%s%s | %s" % ("  " * depth, step[0], step[1]))
            name = re.match(r"[^\W\d]\w*", what) if kind == "declare" else None
            if name and key(name.group(0)) not in key(expr):
                self.fail(where, "hint: %s\n  the formula has no %s" % (found.hint, name.group(0)))
            again = Refusal(self.program, step[0], wrt, step[1])
            if again.code < 0 or again.code > 1 or (again.code and (again.message, again.place) in before):
                self.fail(where, "hint: %s\n  %s: the same refusal" % (found.hint, what))
            elif again.code == 0:
                answers.append((what, again.answer))
                ends.append((step[0], step[1], again.answer))
            elif depth < DEPTH:
                ends += self.follow(where, step[0], wrt, step[1], again, depth + 1, before + [(again.message, again.place)])
        for i, (a, x) in enumerate(answers):
            for b, y in answers[i + 1:]:
                if x == y and a != b and "scalar" not in a + b and DOUBT.search(found.message):
                    self.fail(where, "hint: %s\n  %s and %s: one answer, %s" % (found.hint, a, b, x.strip()))
        return ends

    def means(self, ends, row):
        """Does an end have the numbers that were meant?"""
        with tempfile.NamedTemporaryFile("w", suffix=".json", delete=False) as f:
            json.dump(row["data"], f)
        values = []
        for expr, declare, _ in ends:
            args = [self.program, "eval", expr, "--wrt", row["wrt"], "--data", f.name, "-f", "json", "-q"]
            p = subprocess.run(args + [a for d in declare for a in ("-d", d)], capture_output=True, text=True, timeout=60)
            values.append(json.loads(p.stdout)["value"] if p.returncode == 0 else None)
        os.unlink(f.name)
        return any(near(v, row["expected"]) for v in values)


def near(a, b):
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(near(x, y) for x, y in zip(a, b))
    number = isinstance(a, (int, float)) and isinstance(b, (int, float))
    return number and abs(a - b) <= 1e-7 * max(abs(a), abs(b), 1e-3)


def main():
    names = [a for a in sys.argv[1:] if a != "-v"]
    run = Run(names[0], "-v" in sys.argv)
    for path in names[1:]:
        for head, expr, wrt, declare, row in lines_of_json(path) if path.endswith(".jsonl") else blocks(path):
            found = Refusal(run.program, expr, wrt, declare)
            if found.code == 0:
                continue
            where = "%s: %s" % (path, head)
            ends = run.follow(where, expr, wrt, declare, found, 1, [(found.message, found.place)])
            if row and not run.means(ends, row):
                run.fail(where, "hint: %s\n  no end has the meaning" % found.hint)
    print("%d hints applied, %d broken" % (run.tried, run.bad))
    return run.bad > 0 or not run.tried


if __name__ == "__main__":
    sys.exit(main())
