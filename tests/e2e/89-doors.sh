#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Crowds at the control socket and at HTTP: nobody locks others out, and none of them takes a CPU.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

# Connects so many times, says so much, and then what stands in standard input, if anything, one byte a second.
crowd() { # server|client PEER COUNT TEXT [SLOW]
	background "$1" python3 -c '
import socket, sys, time
peer, count, text, slow = sys.argv[1], int(sys.argv[2]), *map(str.encode, sys.argv[3:5])
text = text.replace(b"|", b"\r\n")
held = []
for at in range(count):
	held.append(socket.create_connection(("'"$server4"'", 9779), source_address=(peer, 0)) if peer != "lo" else
		socket.create_connection(("127.0.0.1", 9779)))
	held[-1].sendall(text)
print("there", flush=True)
for byte in slow.ljust(60):
	time.sleep(1)
	for one in held:
		try: one.send(bytes([byte]))
		except OSError: pass
' "${@:2:3}" "${5:-}" >"$tmp/crowd"
	crowd=$!
	wait_for grep -q there "$tmp/crowd"
}
metrics_ms() { # the worst of ten
	local ms worst=0
	for _ in {1..10}; do
		ms=$(in_server curl -sS -m 5 -o "$tmp/metrics" -w '%{time_total}' http://127.0.0.1:9779/metrics | awk '{ print int($1 * 1000) }')
		grep -q '^rld_build_info' "$tmp/metrics" || ms=5000
		rm -f "$tmp/metrics"
		[ "$ms" -le "$worst" ] || worst=$ms
	done
	echo "$worst"
}
status_ms() { # the worst of twenty
	local begin ms worst=0
	for _ in {1..20}; do
		begin=${EPOCHREALTIME/./}
		timeout 5 "$build/rlctl" -s "$tmp/sock" -q status || begin=0
		ms=$(((${EPOCHREALTIME/./} - begin) / 1000))
		[ "$ms" -le "$worst" ] || worst=$ms
	done
	echo "$worst"
}
cpu_us() { awk '{ sum += $1 } END { print int(sum / 1000) }' "/proc/$rld_pid/task"/*/schedstat; }

net_up
chmod 755 "$tmp"
rld_start --listen 0.0.0.0:9779 <<END
set-option idle-timeout 10m
END
for count in 63 64 65 300; do
	crowd server lo "$count" ""
	sleep 0.2
	kill -STOP "$rld_pid"
	end "$crowd"
	kill -CONT "$rld_pid"
	between "$count connections that end at once leave /metrics as it is (ms)" "$(metrics_ms)" 0 1000
	crowd server lo "$count" "GET /metr"
	between "... and so do $count halves of a head" "$(metrics_ms)" 0 1000
	end "$crowd"
	crowd server lo "$count" "GET /metrics HTTP/1.1|X: y" zzzzzzzz
	between "... and $count that send a byte a second" "$(metrics_ms)" 0 1000
	end "$crowd"
done

# A connection that is kept between two requests, while three addresses come in crowds.
background client python3 -c '
import http.client, os, sys, time
kept = http.client.HTTPConnection("'"$server4"'", 9779, source_address=("'"${client4[2]}"'", 0))
def ask(what):
	kept.request("GET", "/metrics")
	if b"rld_build_info" in kept.getresponse().read(): print(what, flush=True)
ask("first")
kept.auto_open = False
while not os.path.exists(sys.argv[1]): time.sleep(0.1)
ask("second")
' "$tmp/go" >"$tmp/kept"
wait_for grep -q first "$tmp/kept"
crowd client "${client4[0]}" 100 "GET /metr"
first=$crowd
crowd client "${client4[1]}" 100 "GET /metrics HTTP/1.1|Host: x||"
between "two other addresses with 100 connections each leave /metrics as it is (ms)" "$(metrics_ms)" 0 1000
touch "$tmp/go"
check "... and the connection of who has asked before" wait_for grep -q second "$tmp/kept"
end "$crowd"
end "$first"

stranger() {
	background server python3 -c '
import os, socket
os.setgroups([])
os.setgid(65534)
os.setuid(65534)
while True:
	s = socket.socket(socket.AF_UNIX)
	s.connect("'"$tmp/sock"'")
	s.close()
'
}
stranger && first=$!
stranger
sleep 0.5
before=$(cpu_us)
begin=${EPOCHREALTIME/./}
between "two strangers that connect in loops leave status as it is (ms)" "$(status_ms)" 0 1000
sleep 1
between "... and do not take a CPU (%)" "$(((100 * ($(cpu_us) - before)) / (${EPOCHREALTIME/./} - begin)))" 0 50
end "$!"
end "$first"
unlike "none of this is told, since no descriptor was short" "$(cat "$rld_log")" 'descriptors'
rld_stop

rld_by=(bash -c 'ulimit -n 64; exec "$@"' rld)
rld_restart
background server python3 -c '
import socket, time
held = []
for at in range(100):
	s = socket.socket(socket.AF_UNIX)
	s.connect("'"$tmp/sock"'")
	held.append(s)
print("connected", flush=True)
time.sleep(100)
' >"$tmp/hundred"
wait_for grep -q connected "$tmp/hundred"
taken_in() { [ "$(ss -Hxl src "$tmp/sock" | awk '{ print $3 }')" = 0 ]; }
wait_for taken_in
sleep 0.5
before=$(cpu_us)
between "a hundred idle clients, where there are 64 descriptors, leave status as it is (ms)" "$(status_ms)" 0 1000
between "... and /metrics" "$(metrics_ms)" 0 1000
between "... and the CPU (us)" "$(($(cpu_us) - before))" 0 500000
is "... and the log says it once" "$(grep -c 'descriptors run short at the control socket' "$rld_log")" 1
finish
