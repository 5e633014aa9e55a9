#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Made-up addresses get nobody banned who is connected to a protected port, and everybody else as before.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

admin=${client4[0]}
admin6=${client6[0]}

# Ten of each, that somebody else sends under the address.
flood() { # SOURCE KIND
	local to=$server4
	[[ $1 != *:* ]] || to=$server6
	frames "$1" "$to" kind="$2" dport=9 count=10 >/dev/null
}

banned() { json '[.bans[].source] | sort | join(" ")' show lists; }
# 1 if a packet of the source that no limit matches arrives.
arrives() { # SOURCE
	local before to=$server4
	[[ $1 != *:* ]] || to=$server6
	before=$(udp_arrived_all)
	frames "$1" "$to" kind=udp dport=10 count=1 >/dev/null
	echo $(($(udp_arrived_all) - before))
}
udp_arrived_all() { echo $(($(udp_arrived) + $(stack Udp6NoPorts) + $(stack Udp6InDatagrams))); }
spared() { limit_stat "$1" bans_spared; } # LIMIT
peers() { [ "$(json .peers_spared status)" = "$1" ]; } # COUNT

# Sends a line over the connection when told to, and prints what comes back.
talk() {
	coproc CHAT { in_client python3 -u -c '
import socket, sys
s = socket.create_connection((sys.argv[2], 22), source_address=(sys.argv[1], 0), timeout=3)
print("connected")
for line in sys.stdin:
    s.sendall(line.encode())
    print(s.makefile().readline(), end="")
' "$1" "$2"; }
	kids+=("$CHAT_PID")
}
said() { # WORDS: what came back
	local back
	echo "$1" >&"${CHAT[1]}"
	read -r -t 4 back <&"${CHAT[0]}"
	echo "$back"
}

net_up
background server python3 -c '
import socket, threading
def serve(c):
    for line in c.makefile("rb"):
        c.sendall(line)
s = socket.create_server(("::", 22), family=socket.AF_INET6, dualstack_ipv6=True, backlog=1000)
while True: threading.Thread(target=serve, args=(s.accept()[0],), daemon=True).start()
'
wait_for in_server sh -c "ss -Hltn 'sport = :22' | grep -q ."
rld_start <<END
attach srv0
set-option sources-max 1024
set-option events-per-second 100
END
talk "$admin" "$server4"
read -r -t 5 connected <&"${CHAT[0]}"
is "somebody is connected to a protected port" "$connected" connected
session "$admin6" "$server6" 22
peers 0
is "nobody is asked for while no limit bans" $? 0
ctl -q set-limit floods 3/10s match udp dport 9 ban for 1h everywhere
is "both are known as soon as one does" "$(json .peers_spared status)" 2
flood "$admin" udp
flood "$admin6" udp
is "made-up UDP does not have them banned" "$(banned)" ""
is "... which is counted" "$(spared floods) $(limit_stat floods bans)" "2 0"
is "... while the limit goes on refusing" "$(limit_stat floods drop)" 14
is "... and the connection works" "$(said hello)" hello
flood 10.77.0.77 udp
flood fd77:0:0:2::77 udp
is "another address is banned" "$(banned)" "10.77.0.77 fd77:0:0:2::/64"
is "... from everything" "$(arrives 10.77.0.77) $(arrives fd77:0:0:2::77) $(arrives "$admin") $(arrives "$admin6")" "0 0 1 1"

told() { json "[.events[] | select(.event.action == \"ban-spared\") | $1] | join(\" \")" events; } # FILTER
both_told() { [ "$(told .source.ip)" = "$admin $admin6" ]; }
check "ban-spared tells of it" wait_for both_told
is "... by which limit" "$(told '"\(.rule.name) \(.rld.verdict)"')" "floods drop floods drop"
like "... for people" "$(ctl events | grep ban-spared | head -n 1)" "ban-spared .*$admin"
is "the metrics count the bans" "$(fetch /metrics | sed -n 's/^rld_limit_bans_spared_total{limit="floods"} //p')" 2
is "... and the events" "$(fetch /metrics | sed -n 's/^rld_events_total{action="ban-spared"} //p')" 2

ctl -q set-limit syns 3/10s match tcp syn ban for 1h everywhere
flood "$admin" syn
is "made-up SYNs do not have them banned either" "$(spared syns) $(said again)" "1 again"
ctl -q set-limit nets 3/10s per source/24/64 match udp dport 9 ban for 1h everywhere
ctl -q del-limit floods
flood 10.77.0.78 udp
flood 10.77.1.78 udp
is "a prefix with one of them in it is not banned, another is" "$(spared nets) $(banned)" "1 10.77.1.0/24"
ctl -q set-limit here 3/10s match udp dport 9 ban for 1h
ctl -q del-limit nets
flood "$admin" udp
flood 10.77.0.79 udp
is "nor does a limit ban them from what it matches" "$(spared here) $(banned)" "1 10.77.0.79"
is "an explanation knows it" "$(for who in "$admin" 10.77.0.79; do json .reason explain "$who" udp dport 9; done | xargs)" "over-limit banned"

# A handshake that is not complete can be made up.
ip -n "$server" route add 10.79.0.0/16 dev srv0
ctl -q del-limit syns
frames 10.79.9.9 "$server4" kind=syn dport=22 count=1 >/dev/null
check "a handshake begins" wait_for in_server sh -c "ss -Htn state syn-recv 'sport = :22' | grep -q 10.79.9.9"
ctl -q set-limit here 3/11s match udp dport 9 ban for 1h
flood 10.79.9.9 udp
is "... which protects nobody" "$(banned)" 10.79.9.9

session "${client4[1]}" "$server4" 22
check "who comes later is known within seconds" wait_for peers 3
flood "${client4[1]}" udp
is "... and spared" "$(spared here) $(banned)" "1 10.79.9.9"
end "${kids[-1]}"
check "who leaves is forgotten within seconds" wait_for peers 2
rld_stop KILL
flood "$admin" udp
flood 10.77.0.80 udp
rld_restart
is "without a daemon the last of them stay spared" "$(banned)" "10.77.0.80 10.79.9.9"
is "the next rld knows them from the start" "$(json .peers_spared status)" 2

# --- more than there is room for
ip -n "$client" route add local 10.79.0.0/16 dev lo
ip -n "$client" addr add 10.79.255.254/16 dev cli0
background client python3 -c '
import socket, time
held = [socket.create_connection(("10.77.0.1", 22), source_address=(f"10.79.{n >> 8}.{n & 255}", 0)) for n in range(1, 301)]
time.sleep(100)
'
crowded() { [ "$(sessions_to 22)" -ge 302 ]; }
check "300 more connect" wait_for crowded
check "256 are spared" wait_for peers 256
is "... which status says" "$(json .peers_left_out status)" true
like "... for people" "$(ctl status)" "^warning: more than 256 addresses are connected to protected ports"
is "... and the log says once" "$(sleep 6; grep -c 'more than 256 addresses are connected' "$rld_log")" 1
finish
