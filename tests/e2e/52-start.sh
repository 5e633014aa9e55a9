#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What rld starts with: running statements while their files say the same, else the files, and what that drops is told.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

limits() { ctl export | sed -n 's/^set-limit \([^ ]*\) .*/\1/p' | tr '\n' ' '; }
event() { json "[.events[] | select(.event.action == \"$1\")] | last | $2" events; } # ACTION JQ-FILTER
logged() { tail -n +"$((seen + 1))" "$rld_log"; }
again() { # [SIGNAL [OPTION]...]: stop, start
	rld_stop "${1:-TERM}"
	seen=$(wc -l <"$rld_log")
	rld_restart "${@:2}"
}

net_up
rld_start <<END
attach srv0
set-limit web 100/minute match tcp dport 80
set-limit dns 100/minute match udp dport 53
deny add 203.0.113.9 for 1h
END
ctl -q set-limit mine 7/minute match tcp dport 81
ctl -q ban 192.0.2.77 for 2h
again TERM
is "the same files: running statements go on" "$(limits)" "web dns mine "
sed -i 's/^set-limit web.*/# another comment\n\n  set-limit "web"   100\/minute  match tcp dport 80 # of no meaning/' "$config"
again KILL
is "... with other comments, blanks and quotes as well" "$(limits)" "web dns mine "
unlike "... and nothing is dropped" "$(logged)" 'dropped'

ctl -q del-limit dns
ctl -q allow add 198.51.100.0/24
ctl -q mode monitor
sed -i 's/web"   100/web"   200/' "$config"
again KILL
is "a file that says something else decides, after a crash" "$(limits)" "web dns "
like "... with what it says" "$(ctl export)" 'web 200/1m'
is "... and the event lists what is dropped" "$(event statements-dropped '.rld.statements | sort | join("; ")')" \
	"allow add 198.51.100.0/24; del-limit dns; mode monitor; set-limit mine 7/1m per source match tcp dport 81"
like "... for people three of them" "$(ctl events)" 'statements-dropped  [a-z].*; [a-z].*; [a-z][^;]*; and 1 more$'
like "... and so does the log" "$(logged)" '^rld:     set-limit mine 7/1m per source match tcp dport 81$'
like "... bans stay" "$(ctl show lists)" '192\.0\.2\.77'
is "... and nothing is unsaved" "$(json .unsaved status)" 0
again TERM
is "the next start has nothing to drop" "$(event statements-dropped '.')" null

# What was put into the files by hand, in any order and words, is not dropped.
ctl -q set-limit web 70/minute match tcp dport 80
ctl -q set-limit mine 7/minute match tcp dport 81 src 10.0.0.0/8 comment 'it is ours'
ctl -q del-limit dns
ctl -q allow add 198.51.100.0/24 comment "who's there"
ctl -q mode monitor
ctl -q set-option metrics-top 5
ctl -q deny add 2001:DB8:0::/48
before=$(cat "$config")
cat >"$config" <<'END'
set-option metrics-top 5
deny add 2001:db8::/48
allow add 198.51.100.0/24 comment "who's there"
set-limit mine 7/1m match src 10.0.0.0/8 dport 81 tcp comment "it is ours"
mode monitor
attach srv0
set-limit web 70/minute match tcp dport 80
deny add 203.0.113.9 for 1h
END
again KILL
is "statements that were put into the files by hand are at work" "$(limits) $(json .unsaved status)" "mine web  0"
unlike "... and not told as dropped, after a crash" "$(logged)" dropped
ctl -q set-limit web 71/minute match tcp dport 80
ctl -q set-limit web 72/minute match tcp dport 80
ctl -q set-limit mine 8/minute match tcp dport 81
ctl -q set-limit late 9/minute match tcp dport 82
sed -i 's/web 70/web 72/' "$config"
again TERM
is "... nor after a proper stop; what no file says is, as it was at work" "$(event statements-dropped '.rld.statements | join("; ")')" \
	"set-limit mine 8/1m per source match tcp dport 81; set-limit late 9/1m per source match tcp dport 82"
ctl -q set-limit late 9/minute match tcp dport 82
ctl -q set-limit web 1/minute match tcp dport 80
ctl -q set-limit web 73/minute match tcp dport 80
sed -i 's/web 72/web 73/' "$config"
again KILL
is "... and after a crash what was overtaken is not, either" "$(event statements-dropped '.rld.statements | join("; ")')" \
	"set-limit late 9/1m per source match tcp dport 82"
echo "$before" >"$config"
ctl -q --yes reload

ctl -q set-limit mine 8/minute match tcp dport 81
sed -i 's/200/300/' "$config"
again TERM
is "after a proper stop files decide as well" "$(limits) $(event statements-dropped '.rld.statements[0]')" \
	"web dns  set-limit mine 8/1m per source match tcp dport 81"
sed -i 's/300/400/' "$config"
ctl -q reload
ctl -q set-limit mine 9/minute match tcp dport 81
again TERM
is "a reload renews what statements grew from" "$(limits)" "web dns mine "
like "... and what it read is at work" "$(ctl export)" 'web 400/1m'
cp "$config" "$tmp/other.conf"
echo 'set-limit other 1/second match icmp' >>"$tmp/other.conf"
again TERM --config "$tmp/other.conf"
is "another --config decides" "$(limits)" "web dns other "
like "... and says what it drops" "$(logged)" 'set-limit mine 9/1m'
again TERM

ctl -q set-limit mine 10/minute match tcp dport 81
good=$(cat "$config")
echo 'set-limit bad 1/fortnight match icmp' >>"$config"
again KILL
is "after a crash, files with a mistake do not decide" "$(limits)" "web dns mine "
like "... which is an event" "$(event config-refused '"\(.event.outcome) \(.rld.error)"')" 'failure unknown period "fortnight"'
like "... and in the log, with its place" "$(logged)" "^$config:[0-9]+:[0-9]+: error"
is "... and in the status" "$(json .config.last_reload_successful status)" false
ctl -q set-limit more 1/minute match tcp dport 82
again KILL
is "... again and again, with what commands add" "$(limits)" "web dns mine more "
echo "$good" >"$config"
again KILL
is "the mistake mended, running statements go on" "$(limits) $(json .unsaved status)" "web dns mine more  2"
ctl -q reload
is "... until a reload" "$(limits)" "web dns "
echo 'set-limit bad 1/fortnight match icmp' >>"$config"
again KILL
is "without a command too, what was at work goes on after a crash" "$(limits) $(event config-refused .event.outcome)" \
	"web dns  failure"
ctl -q set-limit mine 11/minute match tcp dport 81
rld_stop
start_fails() { # CONFIG: the exit status
	in_server timeout 10 "$build/rld" --config "$1" --socket "$tmp/sock" --bpffs "$bpffs" --state-dir "$tmp/state" --listen none 2>"$tmp/err"
	echo $?
}
is "... after a proper stop the mistake is to be mended first" "$(start_fails "$config")" 6
echo 'mode sideways' >"$tmp/bad.conf"
is "... in another file, too" "$(start_fails "$tmp/bad.conf") $(grep -c 'bad.conf:1:6' "$tmp/err")" "6 1"
echo "$good" >"$config"

listener 22
session "${client4[0]}" "$server4" 22
rld_restart
is "... and what commands had set goes on then" "$(limits)" "web dns mine "
printf 'deny add %s\n' "${client4[0]}" >>"$config"
again KILL
unlike "after a crash, files that would cut off a session do not decide" "$(ctl export)" "deny add ${client4[0]}"
like "... and the event says whom" "$(event config-refused .rld.error)" "${client4[0]}"
again TERM
like "after a proper stop they do" "$(ctl export)" "deny add ${client4[0]}"
warned() { logged | grep -q "warning: .*${client4[0]}"; }
check "... with a warning" wait_for warned
echo "$good" >"$config"
ctl -q --yes reload

# --- another boot
ctl -q set-limit mine 12/minute match tcp dport 81
rld_stop KILL
"$build/rld" --detach --bpffs "$bpffs" --state-dir "$tmp" >/dev/null 2>&1
echo another >"$tmp/boot"
# shellcheck disable=SC2016
rld_by=(unshare -m --propagation private sh -c 'mount --bind "$0" /proc/sys/kernel/random/boot_id && exec "$@"' "$tmp/boot")
again
is "after a reboot the files decide" "$(limits)" "web dns "
is "... and the event lists what commands had set" "$(event statements-dropped '.rld.statements | join("; ")')" \
	"set-limit mine 12/1m per source match tcp dport 81"
like "... and so does the log" "$(logged)" '^rld:     set-limit mine 12/1m per source match tcp dport 81$'
like "... bans come back" "$(ctl show lists)" '192\.0\.2\.77'
again KILL
is "... which is told once" "$(event statements-dropped .)" null

# --- detach
ctl -q set-limit mine 11/minute match tcp dport 81
again TERM --detach-on-exit
rld_stop
rld_restart
is "--detach-on-exit keeps running statements" "$(limits)" "web dns mine "
rld_stop
detach() { in_server "$build/rld" --detach --bpffs "$bpffs" "$@" 2>&1; }
out=$(detach --state-dir "$tmp")
is "--detach without anything kept there" "$?" 0
like "... says so" "$out" "no rld has kept anything in $tmp; give --state-dir"
rld_restart
rld_stop
out=$(in_server "$build/rld" --detach --bpffs "$bpffs-other/" --state-dir "$tmp/state" 2>&1)
like "--detach of another bpffs leaves the state alone" "$out" "left alone: it is of the rld on $bpffs;"
out=$(detach --state-dir "$tmp/state/")
is "--detach of this one: exit status" $? 0
like "... detaches" "$out" '^detached from srv0$'
like "... and says how to have back what it set aside" "$out" 'set aside in .*: mv .* '
back=$(sed -n 's/.*: \(mv .*\)/\1/p' <<<"$out")
rld_restart
is "... so the next start has what the files say" "$(limits) $(event statements-dropped .)" "web dns  null"
unlike "... and no bans" "$(ctl show lists)" '192\.0\.2\.77'
rld_stop
eval "$back"
rld_restart
is "... and after that what was set aside" "$(limits)" "web dns mine "
like "... bans too" "$(ctl show lists)" '192\.0\.2\.77'
cp -a "$tmp/state" "$tmp/kept"
rld_stop KILL
rm "$tmp"/state/*
rld_restart
is "after the state directory was emptied what is enforced goes on" "$(json '.held != null' status) $(json .limits status)" "true 3"
ctl -q reload
is "... until a reload, with no bans" "$(limits) $(json '.deny | length' show lists)" "web dns  1"
rld_stop
rm -r "$tmp/state"
mv "$tmp/kept" "$tmp/state"
# shellcheck disable=SC2016
out=$(unshare -m --propagation private sh -c 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"' "$tmp/state" \
	nsenter --net="/run/netns/$server" "$build/rld" --detach --bpffs "$bpffs" --state-dir "$tmp/state" 2>&1)
is "--detach where nothing can be written: exit status" $? 1
like "... detaches all the same" "$out" '^detached from srv0$'
like "... and says what that means" "$out" 'cannot set aside .*Read-only file system.*the next start takes up'
finish
