#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What cuts an established session off is found by trying it: whatever is refused here does cut it off with --yes.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

peer=${client4[0]}

# A session that sends 20 segments at once, then 20 a second, and notes how many bytes came back.
echo_session() {
	background server python3 -c '
import socket, threading
s = socket.create_server(("", 22))
def serve(c):
    while data := c.recv(65536): c.sendall(data)
while True: threading.Thread(target=serve, args=[s.accept()[0]], daemon=True).start()
'
	wait_for in_server sh -c "ss -Hltn 'sport = :22' | grep -q ."
	background client python3 -c '
import socket, sys, threading, time
s = socket.create_connection((sys.argv[1], 22), source_address=(sys.argv[2], 0))
s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
def send():
    while True:
        s.sendall(bytes(1000))
        time.sleep(0.05)
threading.Thread(target=send, daemon=True).start()
seen = 0
while data := s.recv(65536):
    seen += len(data)
    with open(sys.argv[3], "w") as f: f.write(str(seen))
' "$server4" "$peer" "$tmp/echoed"
	wait_for test -s "$tmp/echoed"
}
echoed() { cat "$tmp/echoed"; }
# Something of what was sent since has come back.
flows() {
	local before
	before=$(echoed)
	more() { [ "$(echoed)" != "$before" ]; }
	wait_for more
}
# Nothing comes back in the last second of five.
stands() {
	local before
	sleep 4
	before=$(echoed)
	sleep 1
	[ "$(echoed)" = "$before" ]
}

# refused WHY COMMAND...: asked for without --yes nothing changes; with it the session stands.
refused() {
	local why=$1 out before
	shift
	before=$(ctl export)
	out=$(ctl "$@" 2>&1)
	is "$* is refused" $? 1
	like "... for the sake of the session" "$out" "session from $peer to port 22: $why"
	is "... nothing changed" "$(ctl export)" "$before"
	check "... the session goes on" flows
	check "... with --yes it is done" ctl --yes "$@"
}
cuts() { # WHY COMMAND...
	refused "$@"
	check "... and cuts the session off" stands
}

net_up
echo_session
rld_start <<'END'
set-limit a 30/s match tcp dport 22 strategy elastic
END
check "a session is there" flows

cuts 'limit a ' attach srv0
ctl -q del-limit a
check "without the limit it goes on" flows
cuts 'limit a ' set-limit a 30/s match tcp dport 22 strategy elastic
ctl -q del-limit a
cuts 'limit a ' set-limit a 1MB/s match tcp dport 22 strategy token-bucket burst 100
ctl -q del-limit a
cuts 'limit a ' set-limit a 1kB/10ms match tcp dport 22 length 1000-1500
ctl -q del-limit a
refused 'limit a ' set-limit a 1000/s match tcp dport 22 strategy token-bucket burst 1
ctl -q del-limit a

check "a limit that a session can live with is set" ctl set-limit ssh 100/s match tcp dport 22
check "... and a small default, which does not judge it" ctl set-limit 30/s strategy elastic
refused 'limit default ' set-limit ssh 100/s match tcp dport 22 monitor
ctl -q -y set-limit ssh 100/s match tcp dport 22
refused 'limit default ' disable ssh
ctl -q -y enable ssh
cuts 'limit default ' del-limit ssh
ctl -q del-limit default

check "the session goes on" flows
check "it is on the allow list for good" ctl allow add "$peer"
check "... so all may be denied" ctl deny add 10.77.0.2/31
refused 'the deny list has 10\.77\.0\.2/31' allow add "$peer" for 2s
check "... which cuts the session off when that ends" stands
ctl -q deny del 10.77.0.2/31
check "the session goes on without it" flows
cuts 'limit a ' set-limit a 1/m match tcp dport 22
ctl -q del-limit a
finish
