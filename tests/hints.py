#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Hints keep their promise: what a refusal proposes is applied literally, and must lead to an answer or to a further question.

usage: hints.py SYMDIFF FILE.test...

A block of a .test file that ends in `! hint:` is typed again with what its hint says: each -d '...' as an option, and each
text of "write A or B", "for X write A" and "is A, ... B" in place of the marked part (of the whole, if nothing is marked).
The same refusal once more is a failure, and so are two texts for different readings that give one answer.
"""
import re, subprocess, sys


def blocks(path):
    for text in re.split(r"\n\s*\n", open(path, encoding="utf-8").read()):
        lines = [l for l in text.split("\n") if l and not l.startswith("#")]
        hint = [l[12:] for l in lines if l.startswith("    ! hint: ")]
        head = [l for l in lines if re.match(r"(value|diff|gradient|jacobian|hessian|shapes)\b[^:]*: ", l)]
        if len(hint) == 1 and len(head) == 1 and not any(l.startswith(("| ", "limit", "data", "size")) for l in lines):
            yield head[0], [l[5:] for l in lines if l.startswith("with ")], [l for l in lines if l.startswith("    ! ")], hint[0]


def run(program, expr, wrt, declare):
    args = [program, "-q", "--", expr] if not wrt else [program, "-q", "--wrt", wrt, "--", expr]
    for d in declare:
        args[1:1] = ["-d", d]
    p = subprocess.run(args, capture_output=True, text=True, timeout=30, stdin=subprocess.DEVNULL)
    return p.returncode, p.stdout, (p.stderr.splitlines() or [""])[0].split("error:")[-1].strip()


def marked(expr, lines):
    """The part of expr over the carets, by columns; None if the refusal has no place."""
    for l, below in zip(lines, lines[1:]):
        if l[8:] == expr and set(below[8:]) <= set(" ^~") and below[8:].strip():
            m = below[8:]
            first, last = len(m) - len(m.lstrip()), len(m.rstrip())
            return first, last
    return None


def text_at(s):
    """The formula at the beginning of s: up to a comma, a semicolon or ` or ` outside of brackets."""
    depth = 0
    for i, c in enumerate(s):
        depth += (c in "([{") - (c in ")]}")
        if depth == 0 and (c in ",;" or s.startswith((" or ", " for "), i)):
            return s[:i]
    return s


def proposals(hint):
    for d in re.findall(r"-d '([^']*)'", hint):
        yield "declare", d
    texts = re.sub(r"(declare )?-d '[^']*'", "", hint)
    m = re.match(r"write (\S.*?) or (\S.*)$", texts)
    starts = [0] if m else [x.end() for x in re.finditer(r"\b(write|is|reciprocal|power|for the function|length of a vector|divided by n \w+(?=\())\s(?=\S)", texts)]
    for t in m.groups() if m else [text_at(texts[k:]) for k in starts]:
        if not re.match(r"(of|the|for|a|write|declare|divided)\b", t) and t:
            yield "text", t.strip()


def main():
    program, tried, bad = sys.argv[1], 0, 0
    for path in [a for a in sys.argv[2:] if a != "-v"]:
        for head, declare, lines, hint in blocks(path):
            command, expr = head.split(" : ", 1)
            wrt = command.split()[1] if len(command.split()) > 1 and command.split()[0] != "shapes" else ""
            code, _, message = run(program, expr, wrt, declare)
            if code == 0 or not re.search(r"readings|conventions|meanings|or a (vector|matrix)", "\n".join(lines)):
                continue
            answers = []
            for kind, what in proposals(hint):
                typed, more = expr, declare
                if kind == "declare":
                    more = declare + [what]
                else:
                    place = marked(expr, lines)
                    if not place or re.search(r"everywhere|in place", hint):
                        continue
                    typed = expr[: place[0]] + what + expr[place[1]:]
                tried += 1
                if "-v" in sys.argv:
                    print("%s | %s" % (typed, more))
                code, out, again = run(program, typed, wrt, more)
                if code < 0 or code > 1 or code and again == message:
                    bad += 1
                    print("%s: %s\n  hint: %s\n  %s: the same refusal" % (path, head, hint, what))
                if code == 0:
                    answers.append((what, out))
            for i, (a, x) in enumerate(answers):
                for b, y in answers[i + 1:]:
                    if x == y and a != b and "scalar" not in a + b:
                        bad += 1
                        print("%s: %s\n  hint: %s\n  %s and %s: one answer, %s" % (path, head, hint, a, b, x.strip()))
    print("%d hints applied, %d broken" % (tried, bad))
    return bad > 0 or not tried


if __name__ == "__main__":
    sys.exit(main())
