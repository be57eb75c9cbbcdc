#!/bin/sh
# SPDX-License-Identifier: MIT
# repl.sh PROGRAM: the session of lines on a terminal, which is tmux: editing, history, completion, interruption.
# On a pipe it is tested by blocks of tests/cli.test.
set -u
program=$1
socket=symdiff-test-$$
LC_ALL=C.UTF-8
export LC_ALL
tm() { tmux -u -L "$socket" "$@"; }
trap 'tm kill-server 2>/dev/null' EXIT

# Waits up to 20 seconds until the screen has a line that matches.
see() {
    i=0
    while [ $i -lt 200 ]; do
        tm capture-pane -p 2>/dev/null | grep -qE -- "$1" && return 0
        sleep 0.1
        i=$((i + 1))
    done
    echo "repl.sh: the screen has no line '$1':"
    tm capture-pane -p 2>/dev/null | grep -v '^$'
    exit 1
}

tm -f /dev/null new-session -d -x 110 -y 50 "env TERM=xterm LC_ALL=C.UTF-8 NO_COLOR=1 $program"
see '^>'
tm send-keys 'nor' Tab '(X*t-Y)^2/N --wr' Tab ' t' Enter
see "^2/N\*X'\*\(X\*t-Y\)$"
tm send-keys 'w = 3' Enter 'w*x^2 --wrt x' Enter
see '^6\*x$'
tm send-keys Up C-e BSpace 'x --order 2' Enter # the line before, edited
see '^6$'
tm send-keys 'a*\the' Tab '^2 --wrt θ' Enter
see '^2\*a\*θ$'
tm send-keys '_ --wrt a' Enter
see '^2\*θ$'
tm send-keys 'half a line' C-c
sleep 0.3
tm send-keys 'x^7 --wrt x' Enter
see '^7\*x\^6$'
# A derivation that takes half a minute.
tm send-keys 'exp(exp(exp(sin(x)*cos(x*y))*log(x)/x)^(x*y))^exp(x*y)*sin(x*y)^x*cos(x/y)^y*log(x+y)^(x*y)*tanh(x*y)^x*atan(x*y)^y --wrt x --order 12' Enter
sleep 1
tm send-keys C-c
see 'interrupted'
tm send-keys 'x^8 --wrt x' Enter
see '^8\*x\^7$'
tm send-keys C-d
i=0
while tm ls >/dev/null 2>&1; do
    [ $i -lt 100 ] || { echo "repl.sh: Ctrl-D does not end the session"; exit 1; }
    sleep 0.1
    i=$((i + 1))
done
