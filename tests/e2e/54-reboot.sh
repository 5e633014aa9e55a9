#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Bans by limits, the next one's length and windows of an hour and more survive a reboot; a file that is damaged is set aside.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

# The daemon's wall clock is off by what a file says, and its boot has the id in another one.
# shellcheck disable=SC2016
rld_by=(unshare -m --propagation private sh -c 'mount --bind "$0" /proc/sys/kernel/random/boot_id && exec "$@"' "$tmp/boot"
	env LD_PRELOAD="$tools/clock.so" RLD_TEST_CLOCK="$tmp/clock")
offset=0 boot=0
echo 0 >"$tmp/clock"
echo boot-0 >"$tmp/boot"
# All of it out of the kernel without rld's help, another boot, so many seconds later.
down() { # SECONDS [SIGNAL]
	rld_stop "${2:-TERM}"
	rm -r "$bpffs"
	wait_for off || fail "without its pins nothing is attached" "$(ip -n "$server" link show dev srv0)"
	offset=$((offset + $1))
	boot=$((boot + 1))
	echo $offset >"$tmp/clock"
	echo "boot-$boot" >"$tmp/boot"
	seen=$(wc -l <"$rld_log")
}
reboot() { # SECONDS [SIGNAL]
	down "$@"
	rld_restart
}
off() { ! ip -n "$server" link show dev srv0 | grep -q xdp; }
logged() { tail -n +"$((seen + 1))" "$rld_log"; }
arrive() { # SOURCE PORT COUNT: how many of them
	local before
	before=$(udp_arrived)
	frames "$1" "$server4" kind=udp dport="$2" count="$3" >/dev/null
	echo $(($(udp_arrived) - before))
}
arrive6() { # SOURCE PORT COUNT
	local before
	before=$(($(stack Udp6NoPorts) + $(stack Udp6InDatagrams)))
	frames "$1" "$server6" kind=udp dport="$2" count="$3" >/dev/null
	echo $(($(stack Udp6NoPorts) + $(stack Udp6InDatagrams) - before))
}
bans() { json "[.bans[] | select(.limit == \"$1\") | $2] | map(tostring) | join(\" \")" show lists; } # LIMIT JQ-FILTER

a=${client4[0]} b=${client4[1]}
net_up
rld_start <<END
attach srv0
set-limit guess 3/300ms match udp dport 9 ban for 1h up to 1d after 2 breaches in 20m
set-limit every 3/300ms match udp dport 11 ban for 40m everywhere
set-limit day 200/day match udp dport 12
set-limit slide 100/hour strategy sliding-window match udp dport 13
set-limit bucket 50/hour strategy token-bucket match udp dport 14
set-limit moving 20/hour strategy moving-window match udp dport 15
set-limit short 10/minute match udp dport 16
set-limit net 70/day per source/24 match udp dport 17
set-limit net6 70/day per source/32/64 match udp dport 21
set-limit ports 30/day per source,dport match udp dport 22-23
set-limit elastic 5/hour strategy elastic match udp dport 18
END
breach_twice() { # SOURCE
	arrive "$1" 9 5 >/dev/null
	sleep 0.4
	arrive "$1" 9 5 >/dev/null
}
breach_twice "$a"
arrive "$b" 9 5 >/dev/null # a breach, and no ban yet
used="$(arrive "$a" 12 150) $(arrive "$a" 13 100) $(arrive "$a" 14 50) $(arrive "$a" 15 20) $(arrive "$a" 16 10) $(arrive "$a" 17 40) $(arrive "$a" 18 9)"
is "windows are used" "$used" "150 100 50 20 10 40 5"
is "... of a /64 and of ports too" "$(arrive6 "${client6[0]}" 21 40) $(arrive "$a" 22 20) $(arrive "$a" 23 5)" "40 20 5"
arrive "${client4[2]}" 11 5 >/dev/null
is "bans are given" "$(bans guess .source) $(bans every '"\(.source) \(.reason)"')" "$a ${client4[2]} $(bans every .reason)"
arrive6 "${client6[2]}" 11 5 >/dev/null
is "... from everything to a /64, of IPv6" "$(bans every .source | wc -w)" 2

reboot 600
like "the start says what is back" "$(logged)" 'sources with their bans and windows and 2 bans from everything are back; 0 found no room'
is "the ban is" "$(bans guess '.source, .bans')" "$a 1"
between "... for what was left of it" "$(bans guess '.left_ns / 1000000000 | floor')" 2960 3001
is "... and refuses" "$(arrive "$a" 9 3)" 0
between "the ban from everything as well" "$(bans every '.left_ns / 1000000000 | floor' | tr ' ' '\n' | sort -n | head -n 1)" 1760 1801
is "... refuses what its limit does not match" "$(arrive "${client4[2]}" 16 5)" 0
is "a breach before the reboot counts: the second one bans" "$(arrive "$b" 9 5) $(bans guess '.source' | wc -w)" "3 2"
is "of 200 a day 50 are left" "$(arrive "$a" 12 100)" 50
is "of a /24's 70 are 30" "$(arrive "$b" 17 100)" 30
is "... of a /64's, for its other addresses, and of another /64 all" \
	"$(arrive6 "${client6[1]}" 21 100) $(arrive6 "fd77:0:0:3::2" 21 100)" "30 70"
is "... of each port its own" "$(arrive "$a" 22 50) $(arrive "$a" 23 50) $(arrive "$b" 22 50)" "10 25 30"
is "all of a banned /64 is refused everything, and no other" "$(arrive6 "fd77:0:0:2::99" 16 5) $(arrive6 "fd77:0:0:4::2" 16 5)" "0 5"
is "a sliding window is used up" "$(arrive "$a" 13 100)" 0
is "a bucket has what came in ten minutes" "$(arrive "$a" 14 50)" 8
is "an elastic window waits on" "$(arrive "$a" 18 9)" 0
is "a moving window begins anew" "$(arrive "$a" 15 30)" 20
is "a short one too" "$(arrive "$a" 16 30)" 10
is "a source's totals are those of both boots" "$(json '.sources[] | select(.limit == "day") | "\(.pass) \(.drop)"' sources)" "200 50"

# --- the ban over while the machine is off: the next one is longer
reboot 3300
is "the ban is over" "$(bans guess .source)" "$b"
breach_twice "$a"
is "... and counts: the second one" "$(bans guess '"\(.source) \(.bans)"' | grep -o "$a 2")" "$a 2"
between "... is twice as long" "$(bans guess '.left_ns / 1000000000 | floor' | tr ' ' '\n' | sort -n | tail -n 1)" 7190 7200

# --- killed: the file is written by itself
check "another ban" ctl -q set-limit fresh 1/300ms match udp dport 20 ban for 1h
ctl -q clear all --limit day
rm -f "$tmp/state/sources"
rld_stop
rld_restart
old=$(stat -c %Y.%i "$tmp/state/sources")
arrive "$b" 20 3 >/dev/null
written() { [ "$(stat -c %Y.%i "$tmp/state/sources")" != "$old" ]; }
check "packets have it written" eval 'patience=20 wait_for written'
ctl export >"$config"
reboot 10 KILL
is "a ban survives a crash" "$(bans fresh .source)" "$b"
is "what was cleared stays so" "$(arrive "$a" 12 300)" 200
ctl -q unban "$b"
reboot 10
is "who was unbanned is not banned again" "$(bans fresh .source)" ""

# --- adopted maps know better
rld_stop KILL
seen=$(wc -l <"$rld_log")
rld_restart
unlike "with its maps still there rld does not read it" "$(logged)" 'are back'
is "... and has them" "$(arrive "$a" 12 5)" 0

# --- limits that changed
sed -i 's/set-limit day 200.*/set-limit day 200\/week match udp dport 12/' "$config"
reboot 10
like "a limit that counts otherwise has nothing to take up" "$(logged)" '[1-9][0-9]* are of limits that are gone or count otherwise'
is "... and begins anew" "$(arrive "$a" 12 300)" 200

# --- a first start that fails with the maps pinned
reboot 10
arrive "${client4[1]}" 12 60 >/dev/null
down 10
cp "$config" "$tmp/good.conf"
for i in 1 2 3 4 5 6 7 8 9; do echo "set-limit too-many-$i 1/day match udp dport 19"; done >>"$config"
nsenter --net="/run/netns/$server" "${rld_by[@]}" timeout 10 "$build/rld" --config "$config" --socket "$tmp/sock" \
	--bpffs "$bpffs" --state-dir "$tmp/state" --listen none >"$tmp/failed" 2>&1
unlike "a start fails" "$?" '^0$|^124$'
is "... with its maps made" "$([ -e "$bpffs/states" ] && echo there)" there
cp "$tmp/good.conf" "$config"
rld_restart
is "the next one has what was used" "$(arrive "${client4[1]}" 12 200)" 140

# --- files that cannot be read
damage() { # NAME WHAT-IS-WRONG COMMAND...: changes $tmp/state/sources
	local name=$1 what=$2
	down 10
	"${@:3}"
	rld_restart
	like "$name is said" "$(logged)" "sources is not taken up: $what"
	is "... set aside" "$(cd "$tmp/state" && echo sources*)" sources.bad
	rm -rf "$file.bad"
	is "... and nothing of it at work" "$(json .total sources)" 0
	arrive "$a" 12 3 >/dev/null
}
file=$tmp/state/sources
instead() { rm -f "$1" && "${@:2}" "$1"; } # FILE COMMAND...
damage "a cut file" "its size is not that of what it counts: it is cut, or something was added" truncate -s -16 "$file"
damage "one that is not cut at a word" "its size" truncate -s -3 "$file"
damage "one with something behind it" "its size" truncate -s +16 "$file"
damage "one cut at its head" "it is cut" truncate -s 30 "$file"
damage "an empty file" "it is empty" truncate -s 0 "$file"
damage "a huge one" "it is larger than any such file" truncate -s 6T "$file"
damage "a directory" "it is no regular file" instead "$file" mkdir
damage "a pipe" "it is no regular file" instead "$file" mkfifo
damage "a flipped bit" "it is damaged" python3 -c 'import sys
f = open(sys.argv[1], "r+b"); f.seek(-100, 2); c = f.read(1); f.seek(-1, 1); f.write(bytes([c[0] ^ 4]))' "$file"
damage "a later version" "it is of another version" python3 -c 'import sys
f = open(sys.argv[1], "r+b"); f.seek(8); f.write(b"\x09")' "$file"
damage "something else" "it is no such file" dd if=/dev/urandom of="$file" bs=1k count=4 status=none
damage "counts that are too large" "its size" python3 -c 'import sys
f = open(sys.argv[1], "r+b"); f.seek(-24, 2); f.write(b"\xff" * 16)' "$file"

# --- what else a start reads: the running statements and their log, whose the directory is
broken() { # NAME WHAT-IS-WRONG COMMAND...: changes $running
	rld_stop
	seen=$(wc -l <"$rld_log")
	"${@:3}"
	rld_restart
	like "running statements: $1 is said" "$(logged)" \
		"running\.conf is not taken up: $2; what commands had changed.* It is now $running\.bad: keep that"
	is "... and kept" "$([ -e "$running.bad" ] && echo there)" there
	ctl -q reload # should rules be held
	rm -rf "$running.bad"
}
running=$tmp/state/running.conf
broken "an empty file" "it is damaged" truncate -s 0 "$running"
broken "a later version" "it is of another version of rld" sed -i '1s/running [0-9]*/running 77/' "$running"
broken "something else" "it is damaged" dd if=/dev/urandom of="$running" bs=1k count=4 status=none
broken "a head that is cut" "it is damaged" truncate -s 40 "$running"
broken "statements that are cut" "it is damaged" sed -i "\$s/.*/set-limit cu/" "$running"
broken "a directory" "it is no regular file" instead "$running" mkdir
broken "a pipe" "it is no regular file" instead "$running" mkfifo
rld_stop
rm "$running"
seen=$(wc -l <"$rld_log")
rld_restart
unlike "none at all is no damage" "$(logged)" 'not taken up|damaged'
ctl -q reload
ctl -q set-limit unsaved 7/minute match udp dport 24
rld_stop
printf '{"sequence":18446744073709551615,"command":[7]}\n[[[[\n\0\377\n{"sequence":9e99,"wall_ns":-1,"command":["deny"]}\n{"seq' >>"$tmp/state/running.log"
rld_restart
is "a log of commands with nonsense in it: the rest counts" "$(json '.limits[] | select(.name == "unsaved") | .name' stats)" unsaved
rld_stop
instead "$tmp/state/running.log" mkfifo
rld_restart
is "... a pipe in its place is not waited for" "$(json .mode status)" enforce
rld_stop KILL
rm -f "$tmp/state/running.log"
dd if=/dev/urandom of="$tmp/state/owner" bs=100 count=1 status=none
out=$("$build/rld" --detach --bpffs "$bpffs-none" --state-dir "$tmp/state" 2>&1)
is "an owner file that is damaged: --detach sets nothing aside" "$? $([ -e "$running" ] && echo there)" "1 there"
like "... and says why and what to do" "$out" "$tmp/state is left alone: its file owner is damaged.* remove running.conf"
seen=$(wc -l <"$rld_log")
rld_restart
like "... a start goes on and says so" "$(logged)" "$tmp/state/owner is damaged \(expected"
is "... and writes it anew" "$(head -n 1 "$tmp/state/owner")" "pid $rld_pid"

# --- a smaller table
frames 10.78.0.1 "$server4" kind=udp dport=12 sources=300 count=300 >/dev/null
many=$(json '[.sources[] | select(.limit == "day")] | length' sources --top 1000)
echo 'set-option sources-max 64' >>"$config"
reboot 10
read -r kept lost < <(logged | sed -n 's/.*: \([0-9]*\) sources with.*back; \([0-9]*\) found no room.*/\1 \2/p')
is "a smaller table: who found no room is counted" "$((kept + lost)) $([ "$lost" -gt 100 ] && echo some)" "$many some"
is "... and the others are there" "$(json .total sources)" "$kept"
rld_stop

# --- nothing to keep
rm -rf "$tmp/state"
rld_start <<END
attach srv0
set-limit 10/second
END
frames "$a" "$server4" kind=udp count=50 >/dev/null
rld_stop
is "without bans and long windows there is no file" "$(ls "$tmp/state")" "$(printf 'app-secret\nowner\nrunning.conf\nrunning.log')"
finish
