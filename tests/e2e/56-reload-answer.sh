#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What a reload says: whom it would cut off, and then it is refused; replaced limits, interfaces, options that wait.
# And what systemd is told.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

peer=${client4[0]}
failed() { [ "$(grep -c 'reload failed' "$rld_log")" -ge "$1" ]; }

net_up
listener 22
session "$peer" "$server4" 22
mkdir -p "$tmp/etc/rld.d"
start_of_files() {
	nsenter --net="/run/netns/$server" "${own_etc[@]}" "$build/rld" --socket "$tmp/sock" \
		--bpffs "$bpffs" --state-dir "$tmp/state" --listen 127.0.0.1:9779 2>>"$rld_log" &
	rld_pid=$!
	check "rld starts with the default files" wait_for ctl -q status
}
main=$tmp/etc/rld.conf
echo 'attach srv0' >"$main"
start_of_files

is "a reload that brings nothing says so" \
	"$(json '[.warnings, .notices, .pending, .detached, .restart_needed, .dropped, .logs_failed] | map(length) | add' reload)" 0
cat >"$main" <<END
attach srv0
attach gone7
set-option sources-max 1024
set-limit a 500/minute match udp
END
echo 'set-limit a 600/minute match udp' >"$tmp/etc/rld.d/10-a.conf"
out=$(ctl reload 2>&1)
is "a reload that brings much is done" $? 0
like "... and tells of a limit that a later file replaces" "$out" \
	'^rlctl: note: /etc/rld/rld\.d/10-a\.conf:1: limit "a" replaces the one of /etc/rld/rld\.conf:4$'
like "... of an interface that is not there" "$out" '^rlctl: note: gone7: pending.*there is no interface gone7'
like "... of an option that waits" "$out" '^rlctl: note: sources-max acts after a restart of rld$'
out=$(ctl -j reload | jq -c .data)
is "the JSON has the same" \
	"$(jq -c '[.limits, (.notices | length), .pending[].name, .detached, .restart_needed]' <<<"$out")" '[1,1,"gone7",[],["sources-max"]]'
like "... and the generation" "$out" '"generation":[0-9]+'
echo 'set-limit a 500/minute match udp' >"$main"
rm "$tmp/etc/rld.d/10-a.conf"
out=$(ctl reload 2>&1)
like "an interface that is no longer named is told of" "$out" '^rlctl: note: srv0: detached, nothing is limited there any more$'
is "... once" "$(json '.detached | length' reload)" 0
is "... and JSON has it" "$(echo 'attach srv0' >"$main"; ctl -q reload; : >"$main"; json '.detached[0]' reload)" srv0

# What is the same in another order is no change, and every note of a statement is in JSON.
ctl -q set-limit o 5/s match tcp dport 80,443 src 10.0.0.0/8,192.0.2.0/24
generation=$(json .config.generation status)
is "a limit with its conditions in another order is no change" \
	"$(json .changed set-limit o 5/s match src 192.0.2.0/24,10.0.0.0/8 dport 443,80 tcp)" false
is "... and nothing was applied" "$(json .config.generation status)" "$generation"
is "another window is one" "$(json .changed set-limit o 300/m match tcp dport 80,443 src 10.0.0.0/8,192.0.2.0/24)" true
like "set-limit tells of a window that never decides" "$(json .warning set-limit n 10/s,1000/m match udp)" '^1000/1m never decides'
ctl -q del-limit o
ctl -q del-limit n
echo 'set-limit a 10/s,1000/m match udp' >"$tmp/etc/rld.d/10-a.conf"
noted='[0-9]: warning: 1000/1m never decides'
like "... and a reload" "$(json '.notices[]' reload)" "$noted"
like "... and check" "$(json '.notices[]' check "$tmp/etc/rld.d/10-a.conf")" "$noted"
is "... which then has nothing beside the JSON" "$(ctl -j check "$tmp/etc/rld.d/10-a.conf" 2>&1 >/dev/null)" ""
rm "$tmp/etc/rld.d/10-a.conf"
printf 'attach srv0\nset-limit a 500/minute match udp\nset-limit b 5/minute match icmp\nallow add 198.51.100.0/25\n' >"$main"
ctl -q reload
ctl -q set-limit b 6/minute match icmp
ctl -q set-limit c 7/minute match udp dport 7
ctl -q set-limit d 8/minute match udp dport 8
ctl -q deny add 192.0.2.8
ctl -q deny add 192.0.2.7 for 1h
ctl -q allow add 198.51.100.0/25 until 2097-01-01T00:00:00Z
out=$(ctl check "$main" 2>&1)
like "check tells which statements of commands a reload would drop" "$out" '^rlctl: note: dropped, as no file says it: set-limit b 6/1m '
printf 'attach srv0\nset-limit a 400/minute match udp\nset-limit b 4/minute match icmp\nset-limit d 8/minute match udp dport 8\nallow add 198.51.100.0/25\nset-option log file:%s\n' \
	"$tmp/none/events.log" >"$main"
out=$(ctl reload 2>&1)
is "a reload with a log that cannot be opened is done" $? 0
like "... and warns of it" "$out" \
	"^rlctl: warning: cannot log events to file:$tmp/none/events\.log: No such file or directory; it is tried again\$"
is "... tells which statements it has dropped, and not what files say or keep" \
	"$(sed -n 's/^rlctl: note: dropped, as no file says it: //p' <<<"$out" | cut -d' ' -f-3 | sort)" "$(printf '%s\n' \
	'allow add 198.51.100.0/25' 'deny add 192.0.2.8' 'set-limit b 6/1m' 'set-limit c 7/1m')"
like "... an end that a command gave too" "$out" ': allow add 198\.51\.100\.0/25 until 2097-01-01T00:00:00Z$'
like "... in the log too" "$(cat "$rld_log")" '^rld: dropped, as no file says it: set-limit c '
is "... and once" "$(json '.dropped | length' reload)" 0
is "JSON tells of either" "$(ctl -q set-limit c 7/minute match udp dport 7
	json '"\(.dropped[0] | .[:11]) \(.dropped | length) \(.logs_failed | length) \(.logs_failed[0].log) \(.logs_failed[0].error)"' reload)" \
	"set-limit c 1 1 file:$tmp/none/events.log No such file or directory"
mkdir "$tmp/none"
echo "set-option log file:$tmp/none/other.log" >"$main"
is "a log that can be opened is nothing to tell of" "$(json '.logs_failed | length' reload)" 0
is "SIGHUP tells the log what it dropped" "$(ctl -q set-limit hup 7/minute match udp dport 7; kill -HUP "$rld_pid"
	wait_for grep -q 'dropped.* set-limit hup ' "$rld_log" && echo told)" told

# Of 10,000 statements an answer has the first 100, and how many there are.
deny_many() {
	python3 -c '
import json, socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
answers = s.makefile()
for i in range(0, 10000, 100):
    for k in range(i, i + 100):
        s.sendall(json.dumps({"command": ["deny", "add", f"198.18.{k >> 8}.{k & 255}"]}).encode() + b"\n")
    assert all("data" in json.loads(answers.readline()) for k in range(100))' "$tmp/sock"
}
check "10,000 entries by command" deny_many
seen=$(wc -l <"$rld_log")
out=$(ctl reload 2>&1)
is "a reload drops them, tells of the first 100" "$? $(grep -c 'dropped, as no file says it: deny add 198\.18\.' <<<"$out")" "0 100"
like "... and of how many more" "$out" '^rlctl: note: dropped as well: 9900 more, which no file says$'
is "... as does the log" "$(tail -n +"$((seen + 1))" "$rld_log" | grep -c 'dropped') $(grep -c '^rld: dropped as well: 9900 more, which no file says$' "$rld_log")" \
	"101 1"
check "as many again" deny_many
is "JSON has both" "$(json '"\(.dropped | length) \(.dropped_total)"' check "$main") $(json '"\(.dropped | length) \(.dropped_total)"' reload)" \
	"100 10000 100 10000"
is "... also when there are none" "$(json '"\(.dropped | length) \(.dropped_total)"' reload)" "0 0"

printf 'attach srv0\ndeny add 10.77.0.0/24\nset-limit x 1/minute match tcp\n' >"$main"
before=$(ctl export)
out=$(ctl reload 2>&1)
is "a reload that would cut a session off is refused" $? 1
like "... with the session named" "$out" "this would cut off the established session from $peer to port 22: .*\(and [0-9] more\)"
like "... and the way to do it all the same" "$out" 'rlctl --yes reload'
is "... and changes nothing" "$(ctl export)" "$before"
is "... and status tells of it" "$(json .config.last_reload_successful status)" false
like "... the other objections too" "$out" "^rlctl: also: .*session from $peer to port 22: limit x"
is "... in JSON too, with all of them" "$(ctl -j reload | jq -r '.error | "\(.code) \(.warnings | length)"')" "refused 3"
kill -HUP "$rld_pid"
check "SIGHUP does not do it either" wait_for failed 3
like "... and the log says why" "$(tail -n 4 "$rld_log")" "this would cut off the established session from $peer"
like "... metrics too" "$(fetch /metrics)" '^rld_config_last_reload_successful 0'
is "... and nothing has changed" "$(ctl export)" "$before"
out=$(ctl --yes reload 2>&1)
is "with --yes it is done" $? 0
like "... with a warning of the list" "$out" "^rlctl: warning: this would cut off the established session from $peer to port 22: the deny list"
like "... and one of the limit" "$out" "^rlctl: warning: this would cut off the established session from $peer to port 22: limit x"
is "... and all is well" "$(json .config.last_reload_successful status)" true
is "what refuses already is no objection" "$(json '.warnings | length' reload)" 0
echo 'attach srv0' >"$main"
check "back" ctl reload
printf 'attach srv0\ndeny add 192.0.2.9\n' >"$main"
out=$(SSH_CONNECTION="192.0.2.9 1 $server4 22" ctl reload 2>&1)
is "the session from which a reload comes is protected" $? 1
like "... by its name" "$out" 'the established session from 192\.0\.2\.9'
check "others may do it" ctl reload
is "JSON of --yes has the warnings" "$(printf 'attach srv0\nallow add 0.0.0.0/1\n' >"$main"
	ctl -y -j reload | jq -r '.data.warnings[] | .code + " " + .text' | cut -d: -f1)" 'lock-out this would switch the protection off'
printf 'attach srv0\ndeny add 10.77.0.0/24\n' >"$main"
rld_reset
start_of_files
warned() { tail -n 20 "$rld_log" | grep -q "^rld: warning: this would cut off the established session from $peer to port 22"; }
check "a start with such a file warns and goes on" wait_for warned
echo 'attach srv0' >"$main"
ctl -q reload

out=$(ctl set-option sources-max 2048 2>&1)
like "set-option says that the option waits for a restart" "$out" \
	'^rlctl: warning: sources-max acts after a restart of rld; until then it is 65536$'
out=$(ctl -j set-option sources-max 2048 | jq -c .data)
is "... the same again too, in JSON" "$(jq -r '"\(.changed) \(.needs_restart)"' <<<"$out")" "false true"
is "... not of what is at work already" "$(json .needs_restart set-option sources-max 65536)" null
is "... nor of others" "$(json .needs_restart set-option idle-timeout 5m)" null
rld_reset

# A socket of systemd's kind: what it is told, one line a message.
told=$tmp/told
listen_as() { # ADDRESS, "@" for the abstract namespace, which goes with the network namespace
	background server python3 -u -c '
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1].replace("@", "\0"))
print("bound")
while True: print(s.recv(500).decode().replace("\n", " "))
' "$1" >"$told"
	wait_for grep -q bound "$told"
}
tells() { # ADDRESS
	listen_as "$1"
	export NOTIFY_SOCKET=$1
	rld_start <<<'attach srv0'
	check "at $1: READY, once it serves" wait_for grep -qx 'READY=1' "$told"
	ctl -q reload
	check "... a reload is told of" wait_for sh -c "[ \$(grep -cx 'READY=1' '$told') = 2 ]"
	rld_stop
	check "... the end too" wait_for grep -qx 'STOPPING=1' "$told"
	is "... in this order" "$(sed -E 's/USEC=[0-9]+/USEC=N/' "$told")" "bound
READY=1
RELOADING=1 MONOTONIC_USEC=N
READY=1
STOPPING=1"
	rld_reset
}
tells "$tmp/notify"
tells "@rld-e2e-$$"
export NOTIFY_SOCKET=$tmp/nobody
rld_start <<<'attach srv0'
check "nobody there: rld runs all the same" ctl status
finish
