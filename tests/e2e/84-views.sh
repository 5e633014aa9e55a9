#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What is shown of a source is true of it: would-drops beside drops, what is counted by its prefix, what remains.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

log=$tmp/events.log
send() { # SOURCE DPORT COUNT
	case $1 in *:*) frames "$1" "$server6" kind=udp dport="$2" count="$3" >/dev/null ;; *) frames "$1" "$server4" kind=udp dport="$2" count="$3" >/dev/null ;; esac
}
source_of() { json ".sources[] | $1" sources --limit "$2"; } # JQ-FILTER LIMIT
row() { ctl sources --limit "$1" | sed -n 2p; }              # LIMIT
event() { jq -c "select($1)" "$log" | tail -1 | jq -r "$2"; } # JQ-CONDITION JQ-FILTER
happened() { jq -c "select($1)" "$log" | grep -q .; }

net_up
rld_start <<END
set-option log file:$log
set-option metrics-top 10
attach srv0
set-limit watch 5/minute match udp dport 10 monitor
set-limit wide 5/2s per source/24/56 match udp dport 11
set-limit port 5/2s per source/24,dport match udp dport 12
set-limit everybody 5/2s per all match udp dport 13
set-limit bucket 50/second match udp dport 14 strategy token-bucket burst 200
set-limit banning 5/second per source/24 match udp dport 15 ban for 2s
END
# --- monitor
send "${client4[0]}" 10 12
is "would-drops are no drops" "$(source_of '"\(.pass) \(.drop) \(.would_drop)"' watch)" "5 0 7"
like "... in a column of their own" "$(ctl sources --limit watch | head -1)" '^LIMIT +SOURCE +PASS +DROP +WOULD DROP +BLOCKED FOR +REMAINING +LAST SEEN$'
like "... nobody is blocked by what only watches" "$(row watch)" "^watch +${client4[0]} +5 +0 +7 +- +0 of 5/1m "
is "... in JSON neither" "$(source_of '"\(.blocked_for_ns) \(.would_block_for_ns > 0)"' watch)" "0 true"
check "the same limit, to enforce" ctl set-limit watch 5/minute match udp dport 10
send "${client4[0]}" 10 4
is "half-way to enforcing: each is counted as what it was" "$(source_of '"\(.pass) \(.drop) \(.would_drop)"' watch)" "5 4 7"
like "... for people" "$(row watch)" "^watch +${client4[0]} +5 +4 +7 +[0-9.]+ ?s"
check "the mode of all to monitor" ctl mode monitor
send "${client4[0]}" 10 3
is "and back by the mode" "$(source_of '"\(.pass) \(.drop) \(.would_drop) \(.blocked_for_ns)"' watch)" "5 4 10 0"
check "the mode to enforce" ctl mode enforce
send "${client4[1]}" 10 25
is "--sort drop: the most drops" "$(json '.sources[0].source' sources --limit watch --sort drop)" "${client4[1]}"
is "--sort would_drop: the most would-drops" "$(json '.sources[0].source' sources --limit watch --sort would_drop)" "${client4[0]}"
is "sort=would_drop over HTTP" "$(fetch '/v1/sources?limit=watch&sort=would_drop' | jq -r '.data.sources[0].source')" "${client4[0]}"
ctl sources --sort xyzzy >"$tmp/out" 2>&1
is "... another word is refused" "$? $(cat "$tmp/out")" '2 rlctl: --sort takes refused, drop, would_drop, pass or seen, not "xyzzy"'

# --- what remains
send "${client4[0]}" 14 1
like "a bucket with a burst: what remains is of the burst" "$(source_of '.windows[0] | "\(.remaining) \(.window) \(.burst)"' bucket)" '^(199|200) 50/1s 200$'
like "... for people" "$(row bucket)" ' (199|200) of 50/1s burst 200 '
like "... in explanations" "$(ctl explain "${client4[0]}" udp dport 14)" ' 50/1s burst 200 '

# --- keys
send "${client6[0]}" 11 4
send "${client6[1]}" 11 4
check "a breach" wait_for happened '.rule.name == "wide" and .event.action == "rate-limit-breach"'
is "names who, and the prefix that is counted" "$(event '.rule.name == "wide"' '"\(.source.ip) \(.rld.key | tojson)"')" \
	"${client6[1]} "'{"source":"fd77::/56"}'
like "... for people" "$(ctl events)" "rate-limit-breach  wide  ${client6[1]}  counted as fd77::/56 "
about() { json "[.events[] | select(.rule.name == \"$1\" and .event.action == \"rate-limit-breach\")] | length" events --source "$2"; } # LIMIT PREFIX
is "events --source finds it by an address inside that sent nothing" "$(about wide fd77:0:0:7::9)" 1
is "... and by a prefix around" "$(about wide fd77::/32)" 1
is "... and not by another" "$(about wide fd77:0:0:100::9)" 0
is "sources --source finds it by an address inside" "$(json '.sources[].source' sources --source fd77:0:0:7::9)" fd77::/56
is "... and by a prefix around" "$(json '.sources[].source' sources --source fd77::/32)" fd77::/56
is "... and not by another" "$(json '.total' sources --source fd77:0:0:100::9)" 0
is "... which HTTP does as well" "$(fetch '/v1/sources?source=fd77:0:0:7::9' | jq -r '.data.sources[].source')" fd77::/56
send "${client4[2]}" 12 8
check "a key with a port" wait_for happened '.rule.name == "port"'
is "... in events" "$(event '.rule.name == "port"' '"\(.source.ip) \(.rld.key | tojson)"')" "${client4[2]} "'{"source":"10.77.0.0/24","dport":12}'
is "... in the words of sources" "$(source_of '{source, dport} | tojson' port)" '{"source":"10.77.0.0/24","dport":12}'
send "${client4[2]}" 13 8
check "a limit for all" wait_for happened '.rule.name == "everybody"'
is "... says so" "$(event '.rule.name == "everybody"' '"\(.source.ip) \(.rld.key | tojson)"')" "${client4[2]} "'{"source":"all"}'
is "... and is nobody's" "$(json '[.sources[] | select(.limit == "everybody")] | length' sources --source ::/0)" 0
check "the sweep tells a recovery" wait_for happened '.event.action == "rate-limit-recovered" and .rule.name == "port"'
is "... with the key" "$(event '.event.action == "rate-limit-recovered" and .rule.name == "port"' '"\(.source.ip) \(.rld.key | tojson)"')" \
	"10.77.0.0 "'{"source":"10.77.0.0/24","dport":12}'
check "of the limit for all, too" wait_for happened '.event.action == "rate-limit-recovered" and .rule.name == "everybody"'
is "... and invents no source" "$(event '.event.action == "rate-limit-recovered" and .rule.name == "everybody"' '"\(.source) \(.network.type) \(.rld.key.source)"')" "null null all"
send "${client4[0]}" 15 8
check "a ban of a prefix" wait_for happened '.event.action == "source-banned"'
is "... names it" "$(event '.event.action == "source-banned"' '.rld.key.source')" 10.77.0.0/24
check "unban by an address inside" ctl unban 10.77.0.200
check "tells its end" wait_for happened '.event.action == "source-unbanned"'
is "... of the prefix" "$(event '.event.action == "source-unbanned"' '"\(.rule.name) \(.rld.key.source)"')" "banning 10.77.0.0/24"
check "a ban by hand" ctl ban 192.0.2.9
is "... has a key" "$(event '.event.action == "source-banned"' '.rld.key | tojson')" '{"source":"192.0.2.9"}'
ctl -q deny add 2001:db8:8::/45 for 1s
check "a denial of a prefix ends" wait_for happened '.event.action == "source-unbanned" and .rld.list == "deny"'
is "... with an address and a key" "$(event '.rld.list == "deny"' '"\(.source.ip) \(.rld.key.source)"')" "2001:db8:8:: 2001:db8:8::/45"
like "... for people the prefix alone" "$(ctl events | tail -n 1)" '  source-unbanned  2001:db8:8::/45$'
send "${client6[2]}" 11 9
in_metrics() { fetch /metrics | grep '^rld_source_packets_total{limit="wide",source="fd77::/56",verdict="drop"}'; }
check "metrics name the prefix" wait_for in_metrics
check "clear by an address inside" ctl clear fd77:0:0:7::9
is "... forgets it" "$(json '.total' sources --limit wide)" 0
finish
