#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A wall clock that is set: durations last as long as they were to last, times are times, and neither comes back.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

# The daemon's wall clock is off by what a file says, and its boot has the id in another one.
# shellcheck disable=SC2016
rld_by=(unshare -m --propagation private sh -c 'mount --bind "$0" /proc/sys/kernel/random/boot_id && exec "$@"' "$tmp/boot"
	env LD_PRELOAD="$tools/clock.so" RLD_TEST_CLOCK="$tmp/clock")
offset=0
set_clock() { # SECONDS: further than it is
	offset=$((offset + $1))
	echo $offset >"$tmp/clock.new" && mv "$tmp/clock.new" "$tmp/clock"
}
wall() { date -u -d "@$(($(date +%s) + offset + $1))" +%Y-%m-%dT%H:%M:%SZ; } # SECONDS FROM NOW, by the daemon's clock
# Of an entry of the lists: seconds until its end by the daemon's clock, "never", or "gone".
left() { # PREFIX
	json "[.allow[], .deny[] | select(.prefix == \"$1\") | .until] | if length == 0 then \"gone\" elif .[0] == null then \"never\" else
		.[0] | sub(\"[.][0-9]+Z\"; \"Z\") | fromdate - $(($(date +%s) + offset)) end" show lists
}
passes() { # SOURCE: yes or no
	local before
	before=$(udp_arrived)
	frames "$1" "$server4" kind=udp count=3 >/dev/null
	[ $(($(udp_arrived) - before)) = 3 ] && echo yes || echo no
}
# Off for so long by the wall clock; another boot, and nothing of the last one in the kernel.
reboot() { # SECONDS
	rld_stop "${2:-TERM}"
	"$build/rld" --detach --bpffs "$bpffs" --state-dir "$tmp" >/dev/null 2>&1
	boot=$((${boot:-0} + 1))
	echo "boot-$boot" >"$tmp/boot"
	set_clock "$1"
	rld_restart
}
stepped() { tail -n +"$((seen + 1))" "$rld_log" | grep -q 'the clock was set'; }
step() { # SECONDS
	seen=$(wc -l <"$rld_log")
	set_clock "$1"
	wait_for stepped || fail "rld sees that the clock was set by $1"
}

net_up
echo boot-0 >"$tmp/boot"
set_clock 0
rld_start <<END
attach srv0
END
a=${client4[0]} b=${client4[1]} c=${client4[2]}
ctl -q deny add "$a" for 5s
began=$SECONDS
ctl -q deny add "$b" until "$(wall 3600)"
ctl -q allow add 192.0.2.1 for 1h comment keep
ctl -q ban 192.0.2.2
is "denied for a duration, until a time" "$(passes "$a") $(passes "$b") $(passes "$c")" "no no yes"
step 7200
is "two hours forward: the duration goes on, the time has come" "$(passes "$a") $(passes "$b")" "no yes"
is "... and is gone" "$(left "$b")" gone
between "... an hour is an hour from where it was" "$(left 192.0.2.1)" 3585 3601
is "... and what has no end has none" "$(left 192.0.2.2)" never
gone() { [ "$(left "$a")" = gone ]; }
check "the duration ends" wait_for gone
between "... after its seconds" $((SECONDS - began)) 4 8
is "... for packets as well" "$(passes "$a")" yes

ctl -q deny add "$a" for 3s
ctl -q deny add "$b" until "$(wall 5)"
ctl -q ban "$c" for 1h
step -86400
is "a day back: still denied" "$(passes "$a") $(passes "$b") $(passes "$c")" "no no no"
check "the duration ends when it would have" wait_for gone
is "... and is no ghost" "$(passes "$a")" yes
ctl -q reload
is "... that a reload brings back" "$(passes "$a") $(left "$a")" "yes gone"
between "the time is a day away now" "$(left "$b")" 86380 86405
between "an hour is an hour" "$(left "$c")" 3570 3601
rld_stop KILL
set_clock 40000
rld_restart
between "set while rld is down: an hour is an hour" "$(left "$c")" 3570 3601
is "... for packets as well" "$(passes "$c")" no
between "... the time is so much nearer" "$(left "$b")" 46300 46405

# --- reboots
reboot 1200
between "off for 20 minutes by a clock that is set: so much less is left" "$(left "$c")" 2360 2401
is "... and packets know it" "$(passes "$c") $(left 192.0.2.2)" "no never"
reboot 1200 KILL
between "after a crash too" "$(left "$c")" 1160 1201
now=$(($(date +%s) + offset))
reboot $((30 - now))
between "a boot whose clock begins in 1970: what was left is left" "$(left "$c")" 1150 1201
is "... and counts" "$(passes "$c")" no
step $((now + 100000))
between "... also when the clock is set" "$(left "$c")" 1140 1201
reboot $((100 - now - 100000))
ctl -q deny add "$a" for 1h
reboot $((now + 200000))
between "kept by a clock that was not set, read by one that is" "$(left "$a")" 3570 3601
reboot 4000
is "off for longer than there was left" "$(left "$a") $(passes "$a")" "gone yes"
finish
