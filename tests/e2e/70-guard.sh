#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The lock-out guard: a change that would cut an established session off is refused with its peer named, unless --yes.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

peer=${client4[0]}
# The change must be refused with the peer named and nothing changed, then be accepted with --yes.
guarded() { # NAME-OF-PEER COMMAND...
	local whom=$1 out status before
	shift
	before=$(ctl export)
	out=$(ctl "$@" 2>&1)
	status=$?
	is "$* is refused" $status 1
	like "... naming $whom" "$out" "$whom"
	like "... and the way to do it all the same" "$out" '--yes'
	is "... and nothing changed" "$(ctl export)" "$before"
}

net_up
listener 22
session "$peer" "$server4" 22
rld_start <<'END'
attach srv0
END
frames_ok() { in_client ping -q -c 1 -W 1 -I "$peer" "$server4" >/dev/null; }

guarded "$peer" deny add "$peer"
guarded "$peer" deny add 10.77.0.0/24
guarded "$peer" ban "$peer"
guarded "$peer" set-limit 1/minute
guarded "$peer" set-limit ssh 3/minute match tcp dport 22
guarded 'every IPv4 packet' deny add 0.0.0.0/0
guarded 'every global IPv6 packet' deny add ::/0
guarded 'every global IPv6 packet' deny add 2000::/3
guarded "$server4" deny add "$server4"
guarded "this machine's own address $server6" deny add fd77:0:0:1::/127
guarded 'all IPv4 addresses' allow add 0.0.0.0/0
guarded 'half or more of all IPv4' allow add 128.0.0.0/1
guarded 'all global IPv6 addresses' allow add 2000::/3
check "an allow of a quarter is accepted" ctl allow add 64.0.0.0/2
guarded 'half or more of all IPv4' allow add 128.0.0.0/2 for 10m
check "... and taken back" ctl allow del 64.0.0.0/2
check "a limit that a session can live with is accepted" ctl set-limit ssh 600/minute match tcp dport 22
check "... one on connections too" ctl set-limit newssh 3 connections/minute match tcp dport 22
check "... one on another port too" ctl set-limit web 3/minute match tcp dport 80
check "... and a deny of somebody else" ctl deny add "${client4[1]}"
check "an allow-listed peer" ctl allow add "$peer"
check "... may be limited" ctl set-limit ssh 3/minute match tcp dport 22
guarded "$peer.*limit ssh" allow del "$peer"
ctl -q set-limit ssh 600/minute match tcp dport 22
ctl -q allow del "$peer"
check "monitored limits cut nobody off" ctl set-limit watch 1/minute match tcp monitor
ctl -q --yes set-limit second 2/minute match tcp
ctl -q disable second
guarded "$peer.*limit second" enable second
ctl -q del-limit second
check "a deny while nothing is enforced" ctl mode monitor
check "... is accepted" ctl deny add "$peer"
guarded "$peer" mode enforce
check "... it goes" ctl deny del "$peer"
check "... and the mode is back" ctl mode enforce
check "a small default limit is accepted" ctl set-limit 1/minute
check "... since another limit takes the session from it" ctl del-limit watch
guarded "$peer.*limit default" del-limit ssh
guarded "$peer.*limit default" disable ssh
guarded "$peer.*limit default" set-limit ssh 600/minute match tcp dport 22 monitor
guarded "$peer.*limit default" set-limit ssh 600/minute match tcp dport 22 length 0-100
check "with --yes it goes" ctl --yes del-limit ssh
guarded "$peer.*limit second" set-limit second 2/minute match tcp
like "all objections are told of" "$(ctl deny add 10.77.0.0/24 2>&1)" '^rlctl: also: .*own address 10\.77\.0\.1:'
is "... in JSON, too" "$(ctl -j deny add 10.77.0.0/24 | jq -r '.error | "\(.code) \(.warnings[].text)"' | cut -d : -f 1)" \
	"refused this would cut off the established session from $peer to port 22
refused this would cut off this machine's own address $server4"
guarded "$peer.*limit second" set-limit second 2/minute match iface srv0
check "... and what cuts the session already may be set again" ctl set-limit 1/minute comment again
check "the limits are as before" ctl set-limit ssh 600/minute match tcp dport 22
ctl -q del-limit default

via=(10.77.0.101 10.77.0.102 10.77.0.103 fe80::77)
ip -n "$server" route add default nexthop via "${via[0]}" dev srv0 nexthop via "${via[1]}" dev srv0
guarded "the default gateway ${via[0]}" deny add "${via[0]}"
guarded "the default gateway ${via[1]}" deny add 10.77.0.102/31
check "a neighbour that is no gateway may be denied" ctl deny add 10.77.0.104
ip -n "$server" route del default
check "... and who is one no more" ctl deny add "${via[0]}"
in_server sysctl -qw net.ipv4.nexthop_compat_mode=0
ip -n "$server" nexthop add id 1 via "${via[1]}" dev srv0
ip -n "$server" nexthop add id 2 via "${via[2]}" dev srv0
ip -n "$server" nexthop add id 10 group 1/2
ip -n "$server" nexthop add id 3 via "${via[3]}" dev srv0
ip -n "$server" route add default nhid 10
guarded "the default gateway ${via[1]}" deny add "${via[1]}"
guarded "the default gateway ${via[2]}" deny add "${via[2]}"
ip -n "$server" -4 route replace default via inet6 "${via[3]}" dev srv0
guarded "the default gateway ${via[3]}" deny add fe80::/64
ip -n "$server" route del default
ip -n "$server" -6 route add default nhid 3
guarded "the default gateway ${via[3]}" deny add fe80::/64
ip -n "$server" -6 route del default
ctl -q deny del 10.77.0.104
ctl -q deny del "${via[0]}"

check "another protected port" ctl set-option protect-port 2222
check "... leaves this session unprotected" ctl set-limit 1/minute
check "... back" ctl -y set-option protect-port 22
ctl -q del-limit default
check "the session's machine is reached" frames_ok
check "with --yes the deny is accepted" ctl --yes deny add "$peer"
is "... and acts" "$(frames_ok && echo reached)" ""
check "... until it is taken back" ctl deny del "$peer"
check "... at once" frames_ok
check "with -y a limit of one is accepted" ctl -y set-limit 1/minute
like "... and stands" "$(ctl export)" '^set-limit default 1/1m'

# Nothing was refused on an interface that is attached now.
ctl -q -y set-limit small 1/minute match tcp dport 22
ctl -q -y deny add "$peer"
check "nothing attached" ctl detach srv0
guarded "$peer.*the deny list" attach srv0
like "... nor would the limit let it through" "$(ctl attach srv0 2>&1)" "^rlctl: also: .*session from $peer to port 22: limit small"
check "with --yes it is attached" ctl --yes attach srv0
guarded 'another mode of srv0 lets its packets pass unjudged' attach srv0 mode generic
is "... as JSON has it" "$(ctl -j attach srv0 mode generic | jq -r '.error.warnings[] | .code' | xargs)" unprotected
is "... nor may a reload change it" "$(cp "$config" "$tmp/before"; { echo 'attach srv0 mode generic'; ctl export | grep -e ^deny -e small; } >"$config"
	ctl reload 2>&1 | head -n 1; json .interfaces[0].attach_mode status; cp "$tmp/before" "$config")" \
	"rlctl: another mode of srv0 lets its packets pass unjudged while the program is taken off and put on again, some milliseconds as a rule
native"
check "... with --yes it is changed, and that is no news to the peer" ctl --yes attach srv0 mode generic
check "the same mode again is nothing to ask about" ctl attach srv0 mode generic
check "... nor is any mode that it has" ctl attach srv0
guarded "$peer.*the deny list" attach lo
is "... nor may a reload do it" "$({ printf 'attach srv0\nattach lo\n'; ctl export | grep -e ^deny -e small; } >"$config"; ctl -q reload 2>/dev/null; echo $?)" 1
ctl -q deny del "$peer"
ctl -q del-limit small
check "another interface without refusals" ctl attach lo
ctl -q detach lo

# What `rlctl check` asks a running daemon: the statements as text, judged and left alone.
judged() { # YES-OR-NO-TO-LONG JQ-FILTER; statements on standard input
	python3 -c '
import json, socket, sys
text = sys.stdin.read()
if sys.argv[2] == "long":
    text += "".join("deny add 198.18.%d.%d\n" % (i >> 8, i & 255) for i in range(30000))
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
s.sendall(json.dumps({"command": ["check"], "config": text}).encode() + b"\n")
sys.stdout.write(s.makefile().readline())' "$tmp/sock" "$1" | jq -r "$2"
}
ctl -q -y del-limit default
before=$(ctl export)
is "a candidate that cuts nobody off has no warnings" "$(judged short '.data.warnings | length' <<<"attach srv0")" 0
out=$(judged short '.data.warnings[] | .code + " " + .text' <<END
attach srv0
deny add $peer
END
)
like "one that does is told of, with the peer" "$out" "^lock-out .*the established session from $peer to port 22"
is "... interfaces that are not there too" "$(judged short '.data.pending[].name' <<<"attach nope7")" nope7
is "... those that it would detach" "$(judged short '.data.detached[]' <<<"mode monitor")" srv0
is "... and options that wait for a restart" \
	"$(judged short '.data.restart_needed[]' <<<"set-option sources-max 1024")" sources-max
is "an invalid one is an error with its place" \
	"$(printf 'mode monitor\nset-limit x 1/fortnight match any\n' | judged short '.error | "\(.code) \(.line)"')" "config-invalid 2"
is "30000 statements are judged too" "$(judged long '.data.warnings | length' <<<"attach srv0")" 0
# The command, on a file, on standard input and on the files of the daemon.
printf 'attach srv0\ndeny add %s\n' "$peer" >"$tmp/cuts.conf"
out=$(ctl check "$tmp/cuts.conf" 2>&1)
is "check of a file that would cut somebody off is no failure" $? 0
like "... it is valid" "$out" '^.*/cuts.conf: valid, 0 limits$'
like "... and the warning names the peer" "$out" "^rlctl: warning: .*established session from $peer to port 22"
is "... in JSON too" "$(ctl -j check - <"$tmp/cuts.conf" | jq -r '.data | "\(.valid) \(.rld_asked) \(.warnings | length)"')" 'true true 1'
is "without a daemon there is nothing to ask" \
	"$("$build/rlctl" -s "$tmp/none" -j check - <"$tmp/cuts.conf" | jq -c .data)" '{"rld_asked":false,"notices":[],"valid":true,"limits":0}'
out=$(printf 'mode monitor\nmode sideways\n' | ctl check - 2>&1)
is "a mistake in standard input is found" $? 6
like "... with its place" "$out" '^/dev/stdin:2:6: error: unknown mode "sideways"'
mkdir -p "$tmp/etc/rld.d"
echo 'set-limit a 10/s match udp' >"$tmp/etc/rld.conf"
echo 'set-limit a 10/s match udp syn_' >"$tmp/etc/rld.d/10-a.conf"
echo 'set-limit b 10/s match udp' >"$tmp/etc/rld.d/20-b.conf"
check_files() { "${own_etc[@]}" "$build/rlctl" -s "$tmp/sock" check; }
like "without a name the files of the daemon are checked" "$(check_files 2>&1)" '^/etc/rld/rld.d/10-a.conf:1:[0-9]*: error: '
echo 'set-limit a 20/s match udp' >"$tmp/etc/rld.d/10-a.conf"
like "... all of them" "$(check_files 2>&1)" '^/etc/rld/rld.conf and /etc/rld/rld.d/\*.conf: valid, 2 limits$'
is "... and none of it changes anything" "$(ctl export)" "$before"
finish
