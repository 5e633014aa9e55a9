#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What somebody at a terminal meets: help and versions, no JSON from `rld &`, a second rld, and the end of what waits.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

prints() { # NAME STATUS REGEX-ON-STDOUT COMMAND...
	local out status
	out=$("${@:4}" 2>"$tmp/err")
	status=$?
	is "$1: exit status, and nothing on stderr" "$status $(wc -c <"$tmp/err")" "$2 0"
	like "... on stdout" "$(head -1 <<<"$out")" "$3"
}
for way in help --help -h; do prints "rlctl $way" 0 '^Usage: rlctl ' "$build/rlctl" "$way"; done
prints "rlctl help COMMAND" 0 '^Usage: rlctl sources ' "$build/rlctl" help sources
prints "rlctl COMMAND --help" 0 '^Usage: rlctl sources ' "$build/rlctl" sources --help
for way in --version -V; do prints "rlctl $way" 0 '^rlctl [0-9]' "$build/rlctl" "$way"; done
for way in --help -h; do prints "rld $way" 0 '^Usage: rld ' "$build/rld" "$way"; done
for way in --version -V; do prints "rld $way" 0 '^rld [0-9]' "$build/rld" "$way"; done
"$build/rlctl" help nosuch >"$tmp/out" 2>&1
is "help for what is no command is an error" $? 2

net_up
rld_start <<END
attach srv0
END
start() { # STATE-DIR BPFFS SOCKET LISTEN: one more, which must fail
	in_server timeout 10 "$build/rld" --config "$config" --state-dir "$1" --bpffs "$2" --socket "$3" --listen "$4" >"$tmp/out" 2>&1
	echo $?
}
is "a second rld with the same places: exit status" "$(start "$tmp/state" "$bpffs" "$tmp/sock" 127.0.0.1:9779)" 1
like "... says that rld runs already, and where" "$(cat "$tmp/out")" "^rld: rld runs already: pid $rld_pid serves the socket $tmp/sock\$"
like "... and what to do" "$(cat "$tmp/out")" 'rlctl reload.*stop it first'
unlike "... and nothing else" "$(cat "$tmp/out")" 'HTTP|not started|Address already'
is "with another socket: exit status" "$(start "$tmp/state2" "$bpffs" "$tmp/sock2" none)" 1
like "... by the bpffs" "$(cat "$tmp/out")" "rld runs already: pid $rld_pid works on $bpffs"
is "the first one serves on" "$(ctl -j status | jq -r .data.interfaces[0].state)" attached

# --- what waits
follow() { # FILE [OPTION]...
	"$build/rlctl" -s "$tmp/sock" "${@:2}" events -f >"$1" 2>"$1.err" &
	kids+=($!)
}
follow "$tmp/text"
text=${kids[-1]}
follow "$tmp/json" -j
json=${kids[-1]}
sleep 0.3
rld_stop
wait "$text"
is "rld stops: events -f ends with exit status 7" $? 7
is "... one line on stderr, and what follows from it" "$(head -1 "$tmp/text.err")" "rlctl: rld has stopped: no more events will come"
wait "$json"
is "-j, too" $? 7
is "... with the reason in JSON" "$(tail -1 "$tmp/json" | jq -r '.schema + " " + .error.code') $(wc -c <"$tmp/json.err")" "rld/1 not-running 0"
rld_restart
follow "$tmp/text"
text=${kids[-1]}
sleep 0.3
rld_stop KILL
wait "$text"
is "rld is killed: exit status 7" $? 7
is "... said as well" "$(head -1 "$tmp/text.err")" "rlctl: rld has ended: no more events will come"

# --- on a terminal
rm -f "$tmp/sock"
cat >"$tmp/term.py" <<'END'
import os, pty, signal, subprocess, sys, time
# Runs rld with a terminal for stderr, and then a command; prints what the terminal got.
main, side = pty.openpty()
rld = subprocess.Popen(sys.argv[2:], stderr=side)
os.close(side)
os.set_blocking(main, False)
subprocess.run(["bash", "-c", sys.argv[1]])
rld.send_signal(signal.SIGTERM)
rld.wait()
got = b""
try:
    while True:
        part = os.read(main, 65536)
        if not part:
            break
        got += part
except OSError:
    pass
sys.stdout.write(got.decode())
END
out=$(in_server python3 "$tmp/term.py" "for i in {1..100}; do $build/rlctl -s $tmp/sock -q status 2>/dev/null && break; sleep 0.1; done
	$build/rlctl -s $tmp/sock -q mode monitor; $build/rlctl -s $tmp/sock status >$tmp/status; $build/rlctl -s $tmp/sock -j events >$tmp/kept
	$build/rlctl -s $tmp/sock -q set-option log file:$tmp/log; $build/rlctl -s $tmp/sock -q mode enforce" \
	"$build/rld" --config "$config" --socket "$tmp/sock" --bpffs "$bpffs" --state-dir "$tmp/state" --listen none)
unlike "rld on a terminal writes no JSON there" "$out" '[{]'
like "... but lines for people" "$out" 'rld: version '
like "... and where events are" "$out" 'rld: events are not written to a terminal: .rlctl events -f. shows them'
like "... status, too" "$(cat "$tmp/status")" '^events are not written to stderr, a terminal'
is "... events are kept" "$(jq '[.data.events[] | select(.rld.command == "mode monitor")] | length' "$tmp/kept")" 1
is "... and another sink has them" "$(grep -c 'mode enforce' "$tmp/log")" 1
rld_reset
rld_restart
ctl -q mode monitor
like "elsewhere stderr has the JSON" "$(tail -1 "$rld_log")" '^[{].*mode monitor'
finish
