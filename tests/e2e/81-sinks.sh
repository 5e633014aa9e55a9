#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Sinks of events: refused when they cannot work, and when they fail later it is said, they are tried again by
# themselves, and told what they missed.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

sink() { json ".logs[] | select(.log == \"$1\") | $2" status; } # NAME JQ-FILTER
is_state() { [ "$(sink "$1" .state)" = "$2" ]; }               # NAME STATE
up() { fetch /metrics | awk -v name="$1" '$1 == "rld_log_up{log=\"" name "\"}" { print $2 }'; } # NAME
happen() { ctl -q mode enforce; } # one event: a control-command
missed() { jq -rR "fromjson? | select(.event.action == \"events-lost\" and .rld.sink == \"$1\") | .rld.count" "$2" 2>/dev/null | awk '{ n += $1 } END { print n + 0 }'; } # SINK FILE
refused() { # NAME SINK WHY
	local out
	out=$(ctl set-option log "$2" 2>&1)
	is "$1 is refused" "$?" 1
	like "... with the reason" "$out" "cannot log events to ${2##*,}: $3"
}

dir=$tmp/logs full=$tmp/full good=$tmp/good.log
net_up
mkdir "$dir" "$full"
# Before rld starts, which gets a copy of the mounts of now.
mount -t tmpfs -o size=16k none "$full"
trap 'umount -l "$full" 2>/dev/null; cleanup' EXIT
# /dev/log of this machine must not matter, so rld gets a /dev of its own.
rm_devlog='mount -t tmpfs none /dev && mknod -m 666 /dev/null c 1 3 && exec "$@"'
rld_start_apart() {
	cat >"$config"
	nsenter --net="/run/netns/$server" unshare -m --propagation slave bash -c "$rm_devlog" bash "$build/rld" --config "$config" \
		--socket "$tmp/sock" --bpffs "$bpffs" --state-dir "$tmp/state" --listen 127.0.0.1:9779 2>>"$rld_log" &
	rld_pid=$!
	wait_for ctl -q status || { fail "rld starts" "$(tail -n 5 "$rld_log")"; finish; }
}
rld_start_apart <<END
set-option log file:$good,file:$tmp/absent/x
attach srv0
END
# --- at a start
like "a sink in the file that cannot be opened: rld starts, and says so" "$(cat "$rld_log")" "cannot log events to file:$tmp/absent/x: No such file or directory"
is "... status, too" "$(sink "file:$tmp/absent/x" '"\(.state) \(.error)"')" "failed No such file or directory"
like "... for people" "$(ctl status)" "^error: events cannot be logged to file:$tmp/absent/x: No such file or directory; [0-9]+ lost, tried again in "
is "... and metrics" "$(up "file:$tmp/absent/x") $(up "file:$good")" "0 1"
if command -v promtool >/dev/null; then fetch /metrics | check "promtool check metrics" promtool check metrics; fi
mkdir "$tmp/absent"
check "it is tried again without a command" wait_for is_state "file:$tmp/absent/x" open
before=$(sink "file:$tmp/absent/x" .lost)
told() { [ "$(missed "file:$tmp/absent/x" "$tmp/absent/x")" = "$before" ]; }
check "... and told what it missed" wait_for told
like "... which others hear as well" "$(missed "file:$tmp/absent/x" "$good")" '^[1-9]'
is "... and the metric is up" "$(up "file:$tmp/absent/x")" 1

# --- refused
refused "a file in no directory" "file:/nope/x" 'No such file or directory'
refused "a directory" "file:$tmp" 'Is a directory'
refused "a pipe that nobody reads" "file:$(mkfifo "$tmp/unread" && echo "$tmp/unread")" 'No such device or address'
refused "syslog without a daemon" syslog 'No such file or directory'
refused "one of two" "file:$good,file:$good/x" 'Not a directory'
is "... and nothing has changed" "$(json '[.logs[].log] | join(" ")' status)" "file:$good file:$tmp/absent/x"

# --- later
check "a file in a directory" ctl set-option log "file:$good,file:$dir/x"
rm "$dir/x"
happen
check "a file that is deleted is made anew" wait_for grep -q 'mode enforce' "$dir/x"
rm -r "$dir"
happen
check "its directory vanishes: failed" wait_for is_state "file:$dir/x" failed
happen
happen
lost=$(sink "file:$dir/x" .lost)
is "... and what it misses is counted" "$((lost >= 3))" 1
mkdir "$dir"
told() { [ "$(missed "file:$dir/x" "$dir/x")" -ge "$lost" ]; }
patience=20 check "back again: it is told how many" wait_for told
is "... exactly" "$(missed "file:$dir/x" "$dir/x")" "$(sink "file:$dir/x" .lost)"
like "... and the log says so" "$(cat "$rld_log")" "events are logged to file:$dir/x again"

head -c 8192 /dev/zero >"$full/ballast"
check "a small disk" ctl set-option log "file:$good,file:$full/x"
for _ in {1..120}; do happen; done
check "... is full: failed" wait_for is_state "file:$full/x" failed
like "... with the reason" "$(sink "file:$full/x" .error)" 'No space left on device'
rm "$full/ballast"
patience=30 check "room again: it works" wait_for is_state "file:$full/x" open
happen
torn() { while read -r line; do jq . <<<"$line" >/dev/null 2>&1 || echo; done <"$full/x" | wc -l; }
between "... at most the one line that the end of the disk cut is torn" "$(torn)" 0 1
told() { [ "$(missed "file:$full/x" "$full/x")" = "$(sink "file:$full/x" .lost)" ]; }
check "... and it was told" wait_for told
check "no sink there any more" ctl set-option log "file:$good"

mkfifo "$tmp/pipe"
exec {reader}<>"$tmp/pipe"
check "a pipe" ctl set-option log "file:$good,file:$tmp/pipe"
exec {reader}<&-
happen
check "... that is closed: failed" wait_for is_state "file:$tmp/pipe" failed
cat "$tmp/pipe" >"$tmp/read" &
kids+=($!)
told() { grep -q events-lost "$tmp/read"; }
patience=20 check "... and read again" wait_for told

mv "$good" "$good.1"
kill -USR1 "$(pgrep -P "$rld_pid" -x rld || echo "$rld_pid")"
check "rotation" wait_for test -e "$good"
happen
is "... the new file has it" "$(grep -c 'mode enforce' "$good")" 1
rld_stop
check "rld --detach" "$build/rld" --detach --bpffs "$bpffs"

# --- stderr
printf 'attach srv0\n' >"$config"
rm -rf "$tmp/state"
nsenter --net="/run/netns/$server" "$build/rld" --config "$config" --socket "$tmp/sock" --bpffs "$bpffs" --state-dir "$tmp/state" \
	--listen none 2>&- &
rld_pid=$!
wait_for ctl -q status
happen
check "stderr is closed: failed" wait_for is_state stderr failed
rld_stop
mkfifo "$tmp/err"
exec {reader}<>"$tmp/err"
nsenter --net="/run/netns/$server" "$build/rld" --config "$config" --socket "$tmp/sock" --bpffs "$bpffs" --state-dir "$tmp/state" \
	--listen none 2>"$tmp/err" {reader}<&- &
rld_pid=$!
wait_for ctl -q status
is "stderr is a pipe: open" "$(sink stderr .state)" open
exec {reader}<&-
happen
check "... that is closed: failed, and rld goes on" wait_for is_state stderr failed
rld_stop
# Nobody reads, and there is no room: with lines for people and with events in it.
exec {reader}<>"$tmp/err"
nsenter --net="/run/netns/$server" "$build/rld" --config "$config" --socket "$tmp/sock" --bpffs "$bpffs" --state-dir "$tmp/state" \
	--listen none 2>"$tmp/err" {reader}<&- &
rld_pid=$!
wait_for ctl -q status
timeout 5 dd if=/dev/zero of="$tmp/err" bs=512 oflag=nonblock,append conv=notrunc 2>/dev/null
happen
is "stderr is a pipe that is full: failed" "$(sink stderr '"\(.state) \(.error)"')" "failed Resource temporarily unavailable"
check "... an entry with an end" ctl allow add 192.0.2.1 for 2s
is "... is there" "$(ctl export | grep -c '^allow add 192.0.2.1')" 1
for _ in {1..40}; do happen; done
slowest() {
	python3 - "$tmp/sock" <<'END'
import socket, sys, time
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
answers = s.makefile("rb")
took = []
for _ in range(50):
    before = time.monotonic()
    s.sendall(b'{"command":["mode","enforce"]}\n{"command":["status"]}\n')
    answers.readline(), answers.readline()
    took.append(time.monotonic() - before)
print(int(1000 * sorted(took)[-5]))
END
}
between "... commands and status are answered all the same, within 50 ms" "$(slowest)" 0 50
ended() { ! ctl export | grep -q '^allow add 192.0.2.1'; }
check "... the loop's clock goes on: that entry ends" wait_for ended
cat <&$reader >"$tmp/read" &
kids+=($!)
told() { tr -d '\0' <"$tmp/read" | grep -aEq 'rld: [1-9][0-9]* messages are missing here: standard error did not take them'; }
check "... read again: the log says how much is missing" wait_for told
told() { tr -d '\0' <"$tmp/read" | grep -aq 'events-lost'; }
patience=70 check "... and so do the events" wait_for told
exec {reader}<&-
rld_stop

# --- who is no root, and files
mkdir "$tmp/var" "$tmp/var/rld" "$tmp/elsewhere"
{ cat /etc/group; echo 'rld-admin:x:64242:'; } | awk -F: '!seen[$1]++ || $1 == "x"' | grep -v '^rld-admin:' >"$tmp/group"
echo 'rld-admin:x:64242:' >>"$tmp/group"
printf 'attach srv0\nset-option log stderr,file:%s\n' "$tmp/elsewhere/of-file" >"$config"
rld_reset
# shellcheck disable=SC2016
own_log='mount --bind "$0/var" /var/log && mount --bind "$0/group" /etc/group && exec "$@"'
nsenter --net="/run/netns/$server" unshare -m --propagation slave bash -c "$own_log" "$tmp" "$build/rld" --config "$config" \
	--socket "$tmp/sock" --bpffs "$bpffs" --state-dir "$tmp/state" --listen none 2>>"$rld_log" &
rld_pid=$!
wait_for ctl -q status
chmod 755 "$tmp"
install -m 755 "$build/rlctl" "$tmp/rlctl"
admin() { setpriv --reuid 65534 --regid 64242 --clear-groups "$tmp/rlctl" -s "$tmp/sock" "$@"; }
check "a member of rld-admin may change things" admin mode enforce
check "... and log to a file below /var/log/rld" admin set-option log file:/var/log/rld/x.json
check "... which is there" wait_for grep -q control-command "$tmp/var/rld/x.json"
check "... or to the one that the configuration names" admin set-option log "file:$tmp/elsewhere/of-file"
own() { # NAME PATH WHY
	like "$1 is refused" "$(admin set-option log "file:$2" 2>&1)" "$3"
}
own "another file" "$tmp/elsewhere/y" "file:$tmp/elsewhere/y is not below /var/log/rld"
own "... a device" /dev/null 'is not below /var/log/rld'
own "... by way of .." /var/log/rld/../y 'cannot log events to file:/var/log/rld/../y'
ln -s "$tmp/elsewhere/z" "$tmp/var/rld/link"
ln -s "$tmp/elsewhere" "$tmp/var/rld/dir"
own "... a link" /var/log/rld/link 'cannot log events to file:/var/log/rld/link: Too many levels of symbolic links'
own "... a directory that is a link" /var/log/rld/dir/z 'cannot log events to file:/var/log/rld/dir/z'
is "... and none is made" "$(cd "$tmp" && echo elsewhere/* var/*)" "elsewhere/of-file var/rld"
check "root may log elsewhere" ctl set-option log "file:$tmp/elsewhere/y"
is "what rld keeps is root's to read" "$(find "$tmp/state" -type f -printf '%m\n' | sort -u)" 600
rld_stop
finish
