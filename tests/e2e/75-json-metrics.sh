#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What scripts read: JSON of every command and of the HTTP API in one schema, metrics that promtool accepts.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

# The answer, refusals among them, must be one JSON object of our schema; with the exit status that is expected.
json_ok() { # STATUS COMMAND...
	local want=$1 out status
	shift
	out=$(ctl -j "$@" 2>"$tmp/stderr")
	status=$?
	if [ "$status" = "$want" ] && [ ! -s "$tmp/stderr" ] &&
		[ "$(jq -r 'if .schema == "rld/1" then (has("data") != has("error")) else false end' <<<"$out" 2>&1)" = true ]; then
		pass "rlctl -j $*: JSON, exit $want"
	else
		fail "rlctl -j $*: JSON, exit $want" "exit $status: $out $(cat "$tmp/stderr")"
	fi
}

has() { # NAME JQ-FILTER JSON: the filter must give true
	is "$1" "$(jq -r "$2" <<<"$3" 2>&1)" true
}

net_up
rld_start <<'END'
attach srv0
set-option metrics-top 5
set-limit udp 100/minute, 1000/hour match udp comment "all of it"
set-limit 50/second
END
frames "${client4[0]}" "$server4" kind=udp count=300 >/dev/null
frames "${client6[0]}" "$server6" kind=udp count=150 >/dev/null

for command in status show 'show limits' 'show options' 'show lists' stats 'stats udp' sources 'sources --limit udp --top 1' \
	'sources --sort pass --source 10.0.0.0/8' events 'events --since 1h' export version 'attach srv0' \
	'set-limit web 100/second match tcp dport 80' 'disable web' 'enable web' 'del-limit web' 'allow add 192.0.2.1' \
	'allow del 192.0.2.1' 'deny add 2001:db8::/32 for 1h' 'deny del 2001:db8::/32' 'ban 192.0.2.2 for 5m' \
	'unban 192.0.2.2' 'mode monitor' 'mode enforce' 'set-option idle-timeout 20m' 'clear 192.0.2.3' 'explain 192.0.2.3 udp dport 9' \
	'test 192.0.2.3 udp' "check $config" reload; do
	# shellcheck disable=SC2086
	json_ok 0 $command
done
json_ok 2 set-limit x 10/fortnight match any
json_ok 1 stats nosuch
json_ok 1 sources --limit nosuch
json_ok 2 frobnicate
json_ok 2 explain 192.0.2.0/24
json_ok 2 sources --top x
json_ok 1 deny add 0.0.0.0/0
json_ok 1 save
printf 'mode fast\n' >"$tmp/bad.conf"
json_ok 6 check "$tmp/bad.conf"

status=$(ctl -j status) stats=$(ctl -j stats) sources=$(ctl -j sources) limits=$(ctl -j show limits)
has "status has what the contract names" '[.data | (.version, .mode, .interfaces[0].name, .interfaces[0].attach_mode,
	.interfaces[0].state, .config.source, .config.applied_at | type == "string"), (.uptime_ns, .interfaces[0].packets, .limits,
	.unsaved, .sources_tracked, .sources_max, .config.generation | type == "number")] | all' "$status"
has "stats has what the contract names" '[.data | (.packets, .bytes | has("pass"), has("drop"), has("would_drop"), has("reply")),
	(.limits[0] | (.name | type == "string"), (.windows | length == 2), (.pass, .drop, .would_drop, .breaches, .sources | type == "number"))] | all' "$stats"
has "sources has what the contract names" '[.data | (.total == 2), (.sources[] | (.limit, .source, .first_seen, .last_seen | type == "string"),
	(.pass, .drop, .would_drop, .pass_bytes, .drop_bytes, .blocked_for_ns | type == "number"),
	(.windows[] | (.window | type == "string"), (.count, .remaining, .reset_in_ns | type == "number")))] | all' "$sources"
has "show limits has what the contract names" '[.data.limits[0] | (.name == "udp"), (.windows == ["100/1m", "1000/1h"]),
	([has("per", "match", "strategy", "action", "mode", "ban", "enabled", "comment")] | all)] | all' "$limits"
has "the limit's counters are the source's" '.[0] == .[1]' "[$(limit_stat udp drop), $(json '[.sources[] | select(.limit == "udp") | .drop] | add' sources)]"
is "-p prints the same, indented" "$(ctl -p show limits | jq -cS .)" "$(ctl -j show limits | jq -cS .)"

for path in status stats sources limits; do
	out=$(fetch "/v1/$path")
	is "/v1/$path is JSON of our schema" "$(jq -r '.schema' <<<"$out" 2>&1)" rld/1
	command=${path/limits/show limits}
	# shellcheck disable=SC2086
	is "... with the fields of rlctl -j $command" "$(jq -c '[.data | paths | map(tostring) | join(".")]' <<<"$out")" \
		"$(ctl -j $command | jq -c '[.data | paths | map(tostring) | join(".")]')"
done
is "/v1/sources takes parameters" "$(fetch '/v1/sources?limit=udp&top=1' | jq '.data.sources | length')" 1
is "... and refuses bad ones" "$(fetch '/v1/sources?top=x' -o /dev/null -w '%{http_code}')" 400
is "another path is 404" "$(in_server curl -s -o /dev/null -w '%{http_code}' 'http://127.0.0.1:9779/nothing')" 404
is "another method is 405" "$(in_server curl -s -o /dev/null -w '%{http_code}' -X DELETE 'http://127.0.0.1:9779/metrics')" 405

# Sources in metrics are those of the last walk through the table.
has_sources() { fetch /metrics | grep '^rld_source_packets_total{.*verdict="drop"'; }
wait_for has_sources
fetch /metrics >"$tmp/metrics"
if command -v promtool >/dev/null; then
	check "promtool check metrics" promtool check metrics <"$tmp/metrics"
else
	skip "promtool check metrics" "no promtool"
fi
for name in packets_total bytes_total reason_packets_total limit_packets_total limit_breaches_total sources_tracked sources_max \
	sources_blocked state_full_total events_total events_lost_total config_generation config_last_reload_successful \
	config_last_reload_timestamp_seconds attached build_info source_packets_total; do
	grep -Eq "^rld_$name(\{| )" "$tmp/metrics" || missing="${missing:-}$name "
done
is "every metric of the contract is there" "${missing:-}" ""
is "metrics say what stats say" "$(awk '/^rld_limit_packets_total\{.*limit="udp".*verdict="drop"/ { print $2 }' "$tmp/metrics")" "$(limit_stat udp drop)"
is "metrics-top names sources" "$(grep -c '^rld_source_packets_total{.*source="10.77.0.2".*verdict="drop"' "$tmp/metrics")" 1

# Who may have the views. The example is the manual's, with this daemon's file.
example=$(sed -n 's/^\.Dl \(sed .*http-token.*curl.*\)/\1/p' "$top/man/rld.8" | sed 's/\\(aq/'"'"'/g; s/\\-/-/g')
is "the manual's way to a view gives it" "$(in_server bash -c "${example//\/run\/rld/$tmp}" 2>/dev/null | jq -r .data.version)" "$(json .version status)"
view() { in_server curl -s -m 5 http://127.0.0.1:9779/v1/status "$@"; }
code=(-o /dev/null -w '%{http_code}')
is "without the token it is refused" "$(view "${code[@]}")" 401
is "... which asks for one" "$(view -D - -o /dev/null | tr -d '\r' | grep -i '^www-authenticate')" 'WWW-Authenticate: Bearer'
like "... and says where it is" "$(view | jq -r .error.hint)" "$tmp/http-token has it"
is "... and so it is with another one" "$(view "${code[@]}" -H "Authorization: Bearer $(tr 0-9a-f 1-9a-f0 <"$tmp/http-token")")" 401
is "the metrics take none" "$(in_server curl -s "${code[@]}" http://127.0.0.1:9779/metrics)" 200
is "who asks for another host gets no view" "$(fetch /v1/status "${code[@]}" -H 'Host: rebound.example:9779')" 421
is "... but the metrics" "$(fetch /metrics "${code[@]}" -H 'Host: rebound.example')" 200
for host in localhost LOCALHOST:9779 127.0.0.1:8080 "$(hostname)"; do
	is "host $host is this machine" "$(fetch /v1/status "${code[@]}" -H "Host: $host")" 200
done
token=$(cat "$tmp/http-token")
is "the token is 32 bytes in hex, for its user and group" "$(grep -cE '^[0-9a-f]{64}$' "$tmp/http-token") $(stat -c %a "$tmp/http-token")" "1 640"
in_server "$build/rld" --config "$config" --socket "$tmp/other" --bpffs "$bpffs" --state-dir "$tmp/state2" --listen 127.0.0.1:9780 2>/dev/null
is "a second rld that does not start leaves it alone" "$? $(cat "$tmp/http-token")" "1 $token"

# What is there already is no change, in whatever words.
ctl -q set-limit again 5/second match udp dport 1
generation=$(json .config.generation status)
is "the same limit again is no change" "$(json .changed set-limit again "5 per 1s" match udp dport 1 strategy fixed-window)" false
is "... and no new rule set" "$(json .config.generation status)" "$generation"
is "another amount is one" "$(json .changed set-limit again 6/s match udp dport 1)" true
rld_stop
check "a stop takes the token away" test ! -e "$tmp/http-token"
{ grep -v '^rld:' /etc/group; echo 'rld:x:64243:'; } >"$tmp/group"
# shellcheck disable=SC2016
rld_by=(unshare -m --propagation slave bash -c 'mount --bind "$0/group" /etc/group && exec "$@"' "$tmp"
	setpriv --groups 64243 '--bounding-set=-all,+bpf,+net_admin,+perfmon') # as the unit has it
rld_restart --listen '[::1]:9779'
chmod 755 "$tmp"
reads() { setpriv --reuid 65534 --regid "$1" --clear-groups cat "$tmp/http-token" 2>/dev/null; } # GID
unlike "the next one is another" "$(reads 64243)" "^($token)?\$"
is "... which nobody reads who is not in the group rld" "$(reads 65534)" ""
sixth() { in_server curl -sg "${code[@]}" -H "Authorization: Bearer $(reads 64243)" 'http://[::1]:9779/v1/status' "$@"; }
is "... and opens the views on ::1" "$(sixth) $(sixth -H 'Host: [0:0::1]') $(sixth -H 'Host: 127.0.0.1')" "200 200 421"
rld_by=()
rld_stop
rld_restart --listen "$server4:9779"
check "where there are no views there is no token" test ! -e "$tmp/http-token"
is "on another address than loopback there are metrics" "$(in_client curl -s -o /dev/null -w '%{http_code}' "http://$server4:9779/metrics")" 200
is "... and nothing else" "$(in_client curl -s -o /dev/null -w '%{http_code}' "http://$server4:9779/v1/sources")" 404
json_ok 0 status
rld_stop
json_ok 7 status
is "the text names what still enforces" "$(in_server "$build/rlctl" -s "$tmp/sock" status 2>&1 | grep -c 'not running')" 1
finish
