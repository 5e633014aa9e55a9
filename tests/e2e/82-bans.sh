#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Bans in real time: the third breach gives one, the next is twice as long, all of them are listed, unban ends one at once.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

log=$tmp/events.log
guesser=${client4[0]}

# How many of 5 packets arrive.
arrive() { # SOURCE
	local before
	before=$(udp_arrived)
	frames "$1" "$server4" kind=udp dport=9 count=5 >/dev/null
	echo $(($(udp_arrived) - before))
}

# Three windows of 300 ms, one breach in each. The ban begins with the last.
three_breaches() { # SOURCE
	arrive "$1" >/dev/null
	sleep 0.4
	arrive "$1" >/dev/null
	sleep 0.4
	arrive "$1" >/dev/null
}

bans() { json "[.bans[] | $1] | map(tostring) | join(\" \")" show lists; } # JQ-FILTER
event() { jq -c "select(.event.action == \"$1\" and .source.ip == \"$guesser\" and .rule.name == \"guess\")" "$log" | grep -q .; }

net_up
rld_start <<END
set-option log file:$log
set-option sources-max 256
attach srv0
set-limit guess 3/300ms match udp dport 9 ban for 8s up to 1m after 3 breaches in 60s
set-limit other 1000/second match udp dport 10
END
is "a breach lets the amount through" "$(arrive "$guesser")" 3
sleep 0.4
is "a second one too, as no ban follows yet" "$(arrive "$guesser")" 3
sleep 0.4
is "nobody is listed as banned" "$(json '.bans_total' show lists)" 0
is "the third breach" "$(arrive "$guesser")" 3
banned=$SECONDS
sleep 0.4
is "... bans: nothing arrives, though the window is over" "$(arrive "$guesser")" 0
is "who, by which limit, why, and how often" "$(bans '.source, .limit, .reason, .breaches, .bans')" \
	"$guesser guess 3 breaches in 1m 3 1"
between "... and until when" "$(bans '.left_ns / 1000000 | floor')" 2000 7600
like "... as a time" "$(bans '.until')" '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\.[0-9]+Z$'
like "... for people as well" "$(ctl show lists)" "^ban +$guesser +[0-9T:.-]+Z +limit guess: 3 breaches in 1m\$"
is "sources say the same" "$(json '.sources[] | "\(.source) \(.banned) \(.bans) \(.banned_until | type)"' sources --limit guess)" \
	"$guesser true 1 string"
is "so do the limit's totals" "$(limit_stat guess bans)" 1
is "another source is not banned" "$(arrive "${client4[1]}")" 3
before=$(udp_arrived)
frames "$guesser" "$server4" kind=udp dport=10 count=5 >/dev/null
is "nor is the source from what another limit matches" $(($(udp_arrived) - before)) 5
check "source-banned tells it" wait_for event source-banned

over() { [ "$(json '.bans_total' show lists)" = 0 ]; }
check "the ban ends" eval 'patience=20 wait_for over'
between "... after eight seconds" $((SECONDS - banned)) 7 10
is "... and lets the source in again" "$(arrive "$guesser")" 3
check "source-unbanned tells it" wait_for event source-unbanned
is "sources have no end of a ban any more" "$(json '.sources[] | select(.bans == 1) | "\(.banned) \(.banned_until)"' sources --limit guess)" "false null"
sleep 0.4
arrive "$guesser" >/dev/null
sleep 0.4
arrive "$guesser" >/dev/null
is "three more breaches: the second ban" "$(bans '.bans')" 2
between "... is twice as long" "$(bans '.left_ns / 1000000 | floor')" 12000 16000
like "... and the list says so" "$(ctl show lists)" 'not for the first time$'

ended() { json '[.events[] | select(.event.action == "source-unbanned")] | length' events; }
told=$(ended)
is "unban says so" "$(ctl unban "$guesser")" "unban $guesser: done"
is "... works at once" "$(arrive "$guesser")" 3
is "... and takes it off the list" "$(json '.bans_total' show lists)" 0
more() { [ "$(ended)" -gt "$told" ]; }
check "... and source-unbanned tells it" wait_for more
is "who is not banned is not unbanned" "$(ctl unban "$guesser")" "nothing to change"
check "a limit that bans from everything" ctl set-limit guess 3/300ms match udp dport 9 \
	ban for 30s up to 1m after 3 breaches in 30s everywhere
three_breaches "${client4[1]}"
before=$(udp_arrived)
frames "${client4[1]}" "$server4" kind=udp dport=10 count=5 >/dev/null
is "... lets nothing of the source in" $(($(udp_arrived) - before)) 0
like "... and the list says so" "$(ctl show lists)" 'from everything$'
ctl -q disable guess
frames "${client4[1]}" "$server4" kind=udp dport=10 count=5 >/dev/null
is "a limit that is disabled refuses nothing to whom it banned" $(($(udp_arrived) - before)) 5
like "... and the list says so, too" "$(ctl show lists)" 'from everything, refuses nothing while the limit is disabled$'
is "... in JSON, too" "$(json '.bans[].enabled' show lists)" false
ctl -q enable guess
before=$(udp_arrived)
is "unban says so" "$(ctl unban "${client4[1]}")" "unban ${client4[1]}: done"
frames "${client4[1]}" "$server4" kind=udp dport=10 count=5 >/dev/null
is "... lifts that ban, too" $(($(udp_arrived) - before)) 5
check "a limit that bans for itself again" ctl set-limit guess 3/300ms match udp dport 9 \
	ban for 20s up to 1m after 3 breaches in 30s
three_breaches "$guesser"
three_breaches "${client4[2]}"
is "two sources are listed, longest first, forgiven ones with their first ban" "$(bans '.source, .bans')" \
	"${client4[2]} 1 $guesser 1"
check "a ban by hand stands in the deny list, with its reason" ctl ban 192.0.2.77 for 1h comment 'scans all day'
is "... as a ban" "$(json .deny[0].kind show lists)" ban
like "... for people, too" "$(ctl show lists)" '^ban +192.0.2.77 .* scans all day$'
is "... beside them" "$(json '"\(.deny[0].prefix) \(.deny[0].comment) \(.bans_total)"' show lists)" "192.0.2.77 scans all day 2"
rld_stop KILL
is "without a daemon bans go on" "$(arrive "$guesser")" 0
rld_restart
is "... and the next one lists them" "$(bans '.source')" "${client4[2]} $guesser"
check "an address on the allow list" ctl allow add "${client4[1]}"
out=$(ctl ban "${client4[1]}" for 1h 2>&1)
is "... may be banned" $? 0
like "... which has no effect, and says so" "$out" "^rlctl: warning: it has no effect while the allow list has ${client4[1]}$"
is "... as it is" "$(arrive "${client4[1]}")" 5
like "... the end of it says what it leaves" "$(ctl allow del "${client4[1]}"; ctl -q deny add 10.77.0.0/30 -y; ctl unban "${client4[1]}" 2>&1)" \
	'^rlctl: warning: the deny list still has 10\.77\.0\.0/30$'
is "... in JSON too" "$(json .warning unban "${client4[1]}")" 'the deny list still has 10.77.0.0/30'
is "... as it is" "$(arrive "${client4[1]}")" 0
ctl -q deny del 10.77.0.0/30
# --- by hand
reason() { json ".reasons[\"$1\"]" stats; }
other=${client6[0]}
frames "$other" "$server6" kind=udp dport=10 count=2 >/dev/null
check "a ban by hand without an end" ctl ban "$other"
check "a denied prefix" ctl deny add 198.51.100.0/24 for 1h
check "a denied address" ctl deny add 198.51.100.200
is "bans are no denials" "$(json '[.deny[] | "\(.prefix) \(.kind)"] | join(", ")' show lists)" \
	"192.0.2.77 ban, 198.51.100.0/24 deny, 198.51.100.200 deny, $other ban"
before="$(reason banned) $(reason deny-list)"
frames "$other" "$server6" kind=udp dport=10 count=3 >/dev/null
frames 198.51.100.7 "$server4" kind=udp dport=10 count=2 >/dev/null
is "... as reasons neither" "$(($(reason banned) - ${before% *})) $(($(reason deny-list) - ${before#* }))" "3 2"
is "... in explanations" "$(json '"\(.reason) \(.decided_by.stage) \(.steps[] | select(.stage == "ban").ban)"' explain "$other")" "banned ban by hand"
is "... in events" "$(json '[.events[] | select(.event.action == "source-banned" and .source.ip == "'"$other"'") | .rld.ban] | join(" ")' events)" "by hand"
is "a source that is banned by hand is shown as that" "$(json '.sources[] | select(.limit == "other") | .denied' sources --source "$other")" null
check "... where all that is counted is" ctl set-limit single 100/second per source/32/128 match udp dport 20
ctl -q unban "$other"
frames "$other" "$server6" kind=udp dport=20 count=2 >/dev/null
ctl -q ban "$other"
is "... in JSON" "$(json '.sources[].denied' sources --limit single)" ban
like "... for people" "$(ctl sources --limit single | tail -1)" ' banned '
check "a reload keeps it" ctl reload
is "... as a ban" "$(json "\"\(.reason)\"" explain "$other")" banned
check "the same address, denied for good" ctl deny add "$other"
is "... is a denial at once" "$(json .reason explain "$other")" deny-list
check "banned again" ctl ban "$other"
check "unban" ctl unban "$other"
is "... ends it" "$(json .verdict explain "$other" udp dport 10)" pass

# --- tens of thousands
rld_reset
rld_start <<END
attach srv0
set-option sources-max 131072
set-limit every 1/day match udp dport 11 ban for 1h everywhere
END
ip -n "$server" route add 10.78.0.0/15 dev srv0
frames 10.78.0.1 "$server4" kind=udp dport=11 sources=40000 count=120000 >/dev/null
is "40,000 sources are banned from everything" "$(json '.bans_total' show lists)" 40000
let_in() { # SOURCE: how many of 3 packets
	local before
	before=$(udp_arrived)
	frames "$1" "$server4" kind=udp dport=10 count=3 >/dev/null
	echo $(($(udp_arrived) - before))
}
# The longest that `status` takes while another connection has the command answered and the walk ends, in ms; the best of
# three, as the machine may have paused.
longest_status() { # COMMAND WITH % FOR A NUMBER
	python3 -c '
import json, socket, sys, threading, time
def ask(words):
    s = socket.socket(socket.AF_UNIX)
    s.connect(sys.argv[1])
    answers = s.makefile()
    def once():
        s.sendall(json.dumps({"command": words, "yes": True}).encode() + b"\n")
        return "data" in json.loads(answers.readline())
    return once
def longest(i):
    status, worst, done = ask(["status"]), 0, threading.Event()
    other = threading.Thread(target=lambda: (ask(sys.argv[2].replace("%", str(i)).split())(), time.sleep(1.5), done.set()))
    other.start()
    while not done.is_set():
        start = time.monotonic()
        status()
        worst = max(worst, time.monotonic() - start)
        time.sleep(0.002)
    return worst
print(round(1000 * min(longest(i) for i in range(1, 4))))' "$tmp/sock" "$1"
}
for words in "set-limit x %/day match udp dport 12" "clear 10.99.0.%" "unban 10.99.0.%"; do
	between "others do not wait while all are looked through: ${words%% *}" "$(longest_status "$words")" 0 100
done
is "... nor is any lifted" "$(let_in 10.78.0.9)" 0
ctl -q unban 10.78.0.9
is "unban lifts one of them, before it is answered" "$(let_in 10.78.0.9) $(let_in 10.78.0.10)" "3 0"
ctl -q clear 10.78.1.0/24
is "clear lifts those of a prefix" "$(let_in 10.78.1.7) $(let_in 10.78.1.255) $(let_in 10.78.2.0)" "3 3 0"
ctl -q clear all
is "... or all" "$(let_in 10.78.0.10) $(let_in 10.78.2.0) $(let_in 10.78.100.0)" "3 3 3"
frames 10.78.0.1 "$server4" kind=udp dport=11 sources=2000 count=4000 >/dev/null
is "they are banned again" "$(let_in 10.78.0.10)" 0
ctl -q del-limit every
free() { [ "$(let_in 10.78.0.10)" = 3 ]; }
check "the end of their limit is theirs, after a moment" eval 'patience=3 wait_for free'
finish
