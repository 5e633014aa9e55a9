#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Files of lists, with real packets: read at a start, again at a reload, and never given up for one that is no good.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

one=${client4[0]} two=${client4[1]}
bad=$tmp/bad.txt log=$tmp/events.log

# How many of 5 packets arrive.
arrive() { # SOURCE
	local before
	before=$(udp_arrived)
	frames "$1" "$server4" kind=udp dport=9 count=5 >/dev/null
	echo $(($(udp_arrived) - before))
}
list() { json ".lists[] | select(.name == \"$1\") | $2" show lists; } # NAME JQ-FILTER
refused() { grep -c '"list-refused"' "$log"; }

net_up
printf '; made up\n%s ; SBL1\n192.0.2.77/24\nnonsense\n' "$one" >"$bad"
rld_start <<END
attach srv0
set-option log file:$log
list bad file $bad
deny add @bad
END
is "who is in the file is refused" "$(arrive "$one")" 0
is "... and nobody else" "$(arrive "$two")" 5
like "a line that is no address is told by its place" "$(cat "$rld_log")" "list bad: $bad: 1 line is no address or prefix: 4:1; left out"
unlike "... and not by what it says" "$(cat "$rld_log")" nonsense
is "show lists names the file" "$(list bad '"\(.file) \(.entries) \(.error)"')" "$bad 2 null"

printf '%s\n' "$two" >"$bad"
is "a file that changed changes nothing" "$(arrive "$one")" 0
check "... until a reload" ctl reload
is "... that takes it" "$(arrive "$one") $(arrive "$two")" "5 0"

like "explain names the list" "$(json '.steps[] | select(.outcome == "drop") | "\(.list) \(.prefix)"' explain "$two" udp dport 9)" "^bad $two\$"
like "... for people as well" "$(ctl explain "$two" udp dport 9)" "list bad"
like "a metric has its entries" "$(fetch /metrics)" '^rld_list_entries\{list="bad"\} 1$'
like "... and that its file is good" "$(fetch /metrics)" '^rld_list_file_ok\{list="bad"\} 1$'

kept() { # WHAT
	like "$1: the reload says so" "$(ctl reload 2>&1)" "list bad: $bad: .*; it is refused, and what the list had stays"
	is "... and the list stays" "$(arrive "$one") $(arrive "$two")" "5 0"
}
: >"$bad"
kept "an empty file"
echo '<html>503 Service Unavailable</html>' >"$bad"
kept "a page of an error in its place"
rm "$bad"
kept "no file at all"
mkdir "$bad"
kept "a directory"
rmdir "$bad"
is "each is an event" "$(refused)" 4
like "... and a metric" "$(fetch /metrics)" '^rld_list_file_ok\{list="bad"\} 0$'
like "show lists has the error" "$(list bad .error)" "regular file"

# A stop and a start with a file that is no good.
rld_stop
rld_restart
is "after a restart the last good content is at work" "$(arrive "$one") $(arrive "$two")" "5 0"
is "... which is an event as well" "$(refused)" 5
rld_stop
printf 'x' >>"$tmp/state/lists/bad"
rld_restart
is "what is damaged is not taken up" "$(list bad .entries)" 0
echo "$two" >"$bad"
check "a good file" ctl reload
is "... is taken up again" "$(arrive "$two") $(list bad .error)" "0 null"
rld_stop
sed -i "s|$bad|$bad.other|" "$config"
rld_restart
is "a list of the same name with another file does not take up what was kept" "$(list bad .entries)" 0
rld_stop
sed -i "s|$bad.other|$bad|" "$config"
rld_restart
is "... as the one with that file does" "$(list bad .entries)" 1

echo "list bad file $bad strict" >>"$config"
printf '%s\nnonsense\n' "$one" >"$bad"
kept "a strict file with a bad line"

# By command, below the directories of the configuration and of the state alone.
echo "$one" >"$tmp/more.txt"
check "a command names a file" ctl list more file "$tmp/more.txt"
check "... of a list that a limit has" ctl set-limit few 2/hour match udp src @more
is "... which is at work" "$(arrive "$one")" 2
echo "$one" >"$tmp/empty"
: >"$tmp/empty"
like "an empty one is refused" "$(ctl list more file "$tmp/empty" 2>&1)" 'list more: .*: it has no address'
is "... and the list has what it had" "$(list more '"\(.file) \(.entries)"')" "$tmp/more.txt 1"
like "a path elsewhere is refused" "$(ctl list more file /etc/hosts 2>&1)" 'below .* alone'
ln -s /etc/hosts "$tmp/link"
like "... through a link as well" "$(ctl list more file "$tmp/link" 2>&1)" 'below .* alone'
rld_stop KILL
rld_restart
is "a crash forgets none of it" "$(list more .entries)" 1

# The guard looks at what files have.
echo "$one" >"$bad"
listener 22
session "$one" "$server4" 22
like "a file that cuts a session off is refused" "$(ctl reload 2>&1)" "$one"
is "... as a whole" "$(list bad .entries)" 1
sed -i 's/^deny add @bad/set-limit none 0\/second match tcp src 203.0.113.9,@bad/' "$config"
like "... and so is one that has a limit refuse it" "$(ctl reload 2>&1)" "$one.*limit none"
sed -i 's/^set-limit none.*/deny add @bad/' "$config"

# A long one: nobody waits for it, and no packet sees half of it.
awk -v two="$two" 'BEGIN { for (i = 0; i < 100000; i++) printf "20.%d.%d.%d\n", i / 65536, i / 256 % 256, i % 256; print two }' >"$tmp/long"
mv "$tmp/long" "$bad"
before=$(udp_arrived)
background client "$tools/frames" cli0 "$mac" "$two" "$server4" kind=udp per-second=500 seconds=4 count=2000 >/dev/null
sender=$!
began=$(date +%s%N)
ctl reload >/dev/null &
reload=$!
worst=0
while kill -0 "$reload" 2>/dev/null; do
	asked=$(date +%s%N)
	ctl -q status >/dev/null
	took=$((($(date +%s%N) - asked) / 1000000))
	[ "$took" -le "$worst" ] || worst=$took
done
wait "$reload"
is "a file of 100,000 is taken" "$? $(list bad .entries)" "0 100001"
echo "# reload: $((($(date +%s%N) - began) / 1000000)) ms, the longest status meanwhile: $worst ms"
between "status is answered meanwhile" "$worst" 0 400
wait "$sender"
is "no packet of who was and is on it came through" $(($(udp_arrived) - before)) 0
check "the same once more" ctl reload
finish
