#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What the package does to a Debian and to the limits in force: for run.sh only, since it installs into where it runs.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/../e2e/lib.sh"

[ -e /t/rld.deb ] || skip_all "this is for tests/deb/run.sh"
export DEBIAN_FRONTEND=noninteractive
rld_log=/run/rld.log
ctl() { rlctl "$@"; }
# The path that dpkg gives to the scripts; apt has no /usr/local in it.
apt() { apt-get -y -q --no-install-recommends -o DPkg::Path="$PATH" "$@" 2>&1; }
asked() { grep -c "^$1 rld" /run/systemctl; } # VERB
rld_pid_now() { cat /run/rld.pid; }
has_program() { [ "$(ip -n "$server" -d -j link show dev srv0 | jq -r '.[0].xdp.prog.name // "none"')" != none ]; }
answered() { # COUNT [INTERVAL]
	in_client ping -q -c "$1" -i "${2:-0.05}" -W 1 -I "${client4[0]}" "$server4" | sed -n 's/.*, \([0-9]*\) received.*/\1/p'
}
of_ping() { json "[.limits[] | select(.name == \"ping\")][0].$1" stats; }

net_up
mkdir -p /run/systemd/system
install -m 755 "$(dirname "$0")/systemctl" /usr/local/bin/systemctl
echo "$server" >/run/rld-netns

check "apt installs it with all that it needs" apt install /t/rld.deb
is "... which its scripts start" "$(asked start) $(ctl -q status >/dev/null 2>&1; echo $?)" "1 0"
is "... limiting nothing" "$(json '.limits | length' status 2>/dev/null || json '.limits | length' show) $(has_program && echo attached)" "0 "
is "... with both groups" "$(getent group rld rld-admin | cut -d : -f 1 | paste -s -d ' ' -)" "rld rld-admin"
is "... and all files as they were packed" "$(dpkg --verify rld)" ""
is "... which are what an operator looks for" "$(dpkg -L rld | grep -cxE \
	'/usr/sbin/rld|/usr/bin/rlctl|/etc/rld/rld.conf|/etc/rld/rld.d|/etc/logrotate.d/rld|(/usr)?/lib/systemd/system/rld.service|/usr/share/man/man(1/rlctl.1|5/rld.conf.5|8/rld.8).gz|/usr/share/bash-completion/completions/rlctl')" 10

cat >/etc/rld/rld.conf <<END
attach srv0
set-limit ping 5/hour match icmp
set-option log file:/var/log/rld/events.json
END
check "a configuration of one's own" ctl reload
check "... attached" wait_for has_program
is "5 of 8 pings pass" "$(answered 8)" 5
check "running statements" ctl set-limit more 7/minute match tcp dport 81

before=$(rld_pid_now)
answered 60 0.1 >"$tmp/answered" &
pinger=$!
out=$(apt install /t/rld-next.deb)
is "an upgrade while rld runs" $? 0
is "... is the new version" "$(dpkg-query -W -f '${Version}' rld)" "$(dpkg-deb -f /t/rld-next.deb Version)"
is "... restarts it, once, and never stops or detaches it" "$(asked restart) $(asked stop) $(grep -c detach <<<"$out")" "1 0 0"
unlike "... so another process runs" "$(rld_pid_now)" "^$before\$"
is "... the new program" "$(readlink "/proc/$(rld_pid_now)/exe")" /usr/sbin/rld
wait $pinger
is "... and whoever pinged on all the while got no answer" "$(cat "$tmp/answered")" 0
is "... since what passed is still counted" "$(of_ping pass)" 5
between "... and what was refused" "$(of_ping drop)" 63 63
like "... statements by command go on, too" "$(ctl export)" '^set-limit more 7/1m'
like "... and the configuration is as it was edited" "$(cat /etc/rld/rld.conf)" '^set-limit ping 5/hour'

check "logrotate" logrotate -f /etc/logrotate.d/rld
check "... moves the events" [ -s /var/log/rld/events.json.1 ]
ctl -q set-limit other 9/minute match tcp dport 82
check "... and rld goes on in a new file" wait_for [ -s /var/log/rld/events.json ]

out=$(apt remove rld)
is "remove" $? 0
is "... stops rld" "$(asked stop)" 1
like "... and says where it detached" "$out" 'detached from (srv0|ifindex [0-9]+)'
check "... which it did" eval '! has_program'
is "... with nothing left in the kernel" "$([ -e /sys/fs/bpf/rld ] && echo there)" ""
is "... so pings pass" "$(answered 8)" 8
is "... configuration and state stay" "$(stat -c %n /etc/rld/rld.conf /var/lib/rld)" $'/etc/rld/rld.conf\n/var/lib/rld'

check "installed again" apt install /t/rld.deb
check "... it limits again" wait_for has_program
background server rld --config /etc/rld/rld.conf --socket "$tmp/blue" --bpffs /sys/fs/bpf/rld-blue --state-dir "$tmp/blue-state" \
	--listen none 2>/dev/null
blue=$!
check "another rld, by hand" wait_for [ -S "$tmp/blue" ]
out=$(apt remove rld)
is "while that runs, remove fails" "$? $(dpkg-query -W -f '${db:Status-Status}' rld)" "100 installed"
like "... says which" "$out" "pid $blue works on /sys/fs/bpf/rld-blue"
check "... and rld is started again" ctl -q status
end "$blue"
check "once it is stopped, purge" apt purge rld
is "... detaches both" "$(find /sys/fs/bpf -name "rld*")$(has_program && echo attached)" ""
is "... and leaves no file" "$(ls -d /etc/rld /var/lib/rld /var/log/rld /etc/logrotate.d/rld 2>/dev/null)" ""
is "... nor a word of it enabled" "$(find /etc/systemd /var/lib/systemd -name 'rld*')" ""
finish
