#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What the tests call is installed by packaging/deps.sh, or they would fail on a fresh machine only.
. "$(dirname "$0")/tap.bash"

# Command and its Debian package; what every Debian has is not listed.
packages='
bc bc
curl curl
ethtool ethtool
hping3 hping3
iperf3 iperf3
ip iproute2
jq jq
nc netcat-openbsd
nginx nginx-light
pgrep procps
ping iputils-ping
pkill procps
promtool prometheus
ps procps
python3 python3
socat socat
ss iproute2
sysctl procps
tc iproute2
tcpdump tcpdump
'

mapfile -t scripts < <(files 'tests/*.sh' 'tests/*.bash' | grep -Ev '^tests/(lint|bench|kernel|fresh|deb)/')
always=$(sed -n "s/^tests='\\(.*\\)'$/\\1/p" packaging/deps.sh)
missing=
while read -r command package; do
	[ -n "$command" ] || continue
	# A command stands at the start of a line or behind what begins one; names in prose and paths do not.
	used=$(sed 's/^[[:blank:]]*#.*//' "${scripts[@]}" /dev/null |
		grep -cE "(^|[;&|(]|\\\$\(|exec|timeout [0-9.]+|if|then|do|!|sudo|in_[a-z]+|netns exec [^ ]+|nsenter [^ ]+)[[:blank:]]*${command}[[:blank:]]")
	[ "$used" = 0 ] || grep -qw -- "$package" <<<"$always $(grep unless packaging/deps.sh)" || missing+="$command: package $package"$'\n'
done <<<"$packages"
result "packaging/deps.sh has what the tests call" "${missing%$'\n'}"
finish
