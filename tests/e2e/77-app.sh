#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Keys of applications: counted exactly, whoever asks and over restarts, beside packets, and named to nobody.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

net_up
rld_start <<END
attach srv0
set-limit api 20/hour,1000/day per app
set-limit moving 5/hour per app strategy moving-window
set-limit watched 1/hour per app monitor
set-limit udp 10/hour match udp
END
outcome() { json .outcome "$@"; }
left() { json .remaining "$@"; }

is "a hit is admitted, and says what is left" "$(json '"\(.outcome) \(.window) \(.remaining)"' hit api ann)" \
	"admitted 20 requests/1h 19"
is "a look counts nothing" "$(left peek api ann) $(left peek api ann)" "19 19"
is "a cost counts as much" "$(left hit api ann cost 4)" 15
is "... and a look tells whether there is room for it" "$(outcome peek api ann cost 15) $(outcome peek api ann cost 16)" \
	"admitted refused"
ctl -q hit api ann cost 15
is "the status of one that is admitted" $? 0
ctl -q hit api ann
is "... and of one that is refused" $? 10
like "... which says when to come again" "$(ctl hit api ann)" '^refused; 20 requests/1h: 0 left, next in 59m [0-9]+s'
is "another key has its own" "$(left hit api bob)" 19
ctl -q hit watched ann
ctl -q hit watched ann
is "the status of one that is only watched" $? 11

# Four at once, 30 hits each, while packets of a limited source arrive.
background client "$tools/frames" cli0 "$mac" "${client4[0]}" "$server4" kind=udp dport=9 count=2000 per-second=1000 >"$tmp/sent"
frames_pid=$!
many() { for _ in {1..30}; do ctl -j hit api shared | jq -r .data.outcome; done; }
pids=()
for i in 1 2 3 4; do
	many >"$tmp/many$i" &
	pids+=($!)
done
wait "${pids[@]}" "$frames_pid"
is "of four that ask at once exactly the amount is admitted" "$(cat "$tmp"/many? | sort | uniq -c | xargs)" \
	"20 admitted 100 refused"
is "... and the packets beside them are limited as ever" "$(limit_stat udp pass)" 10

ctl -q hit moving x && ctl -q hit moving x
before=$(left peek api bob)
rld_stop
rld_restart
is "a restart goes on with the counts" "$(left peek api bob) $(left peek moving x)" "$before 3"
rld_stop KILL
rld_restart
is "... and so does a start after a crash" "$(left peek api bob) $(left hit moving x)" "$before 2"
rld_stop
rm -r "$bpffs"
rld_restart
is "... and one after all maps are gone, as after a reboot" "$(left peek api bob)" "$before"

is "one key is cleared" "$(json .cleared clear bob --limit api) $(left peek api bob) $(left peek api ann)" "1 20 0"
is "... once" "$(json '"\(.changed) \(.cleared)"' clear bob --limit api)" "false 0"
like "digests stand for keys" "$(json '.sources[].source' sources --limit api | sort -u | head -1)" '^[0-9a-f]{32}$'
unlike "no event of a hit names a key" "$(ctl -j events --since 1h)" 'ann|shared'
ctl -q set-limit tiny 1/hour per app
ctl -q hit tiny carl
ctl -q hit tiny carl
breach() { ctl -j events --since 1m | jq -c '.data.events[] | select(.event.action == "rate-limit-breach" and .rule.name == "tiny")'; }
told() { [ -n "$(breach)" ]; }
wait_for told
is "a breach has no address" "$(breach | jq -r 'has("source")')" false
like "... but the digest" "$(breach | jq -r .rld.key.source)" '^[0-9a-f]{32}$'
is "explain knows nothing of such limits" "$(json .verdict explain "${client4[0]}" tcp dport 80)" pass

like "a limit on packets takes no hits" "$(ctl hit udp x 2>&1)" 'counts packets'
like "... nor one that is disabled" "$(ctl -q disable tiny && ctl hit tiny x 2>&1)" 'is disabled'
like "... nor one that is not there" "$(ctl hit nosuch x 2>&1)" 'there is no limit nosuch'
like "a cost of 0 is none" "$(ctl hit api x cost 0 2>&1)" 'from 1 to 4294967295'
like "... nor is one below" "$(ctl hit api x cost -1 2>&1)" 'takes a number, not "-1"'
like "... nor one beyond" "$(ctl hit api x cost 4294967296 2>&1)" 'from 1 to 4294967295'
like "a log takes single hits" "$(ctl hit moving x cost 2 2>&1)" 'log of single hits'
is "a key of 4096 bytes is one" "$(outcome hit api "$(printf 'k%.0s' {1..4096})")" admitted
like "... and a longer one is none" "$(ctl hit api "$(printf 'k%.0s' {1..4097})" 2>&1)" '1 to 4096 bytes, not 4097'
ctl -q mode off
is "mode off counts nothing" "$(outcome hit api ann) $(outcome peek api ann)" "not_counted not_counted"
ctl -q mode enforce

rld_stop
echo nonsense >"$tmp/state/app-secret"
rld_restart
like "a damaged secret is told" "$(cat "$rld_log")" 'app-secret: expected 32 hexadecimal digits'
is "... and left for whoever looks" "$(cat "$tmp/state/app-secret")" nonsense
finish
