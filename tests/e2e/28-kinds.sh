#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Traffic over each kind of virtual device that the kernel has: it is attached, a limit decides, explain says the same.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

# Name, what srv0's and cli0's sides are made of ("-": the client has none, its packets come by cli0).
kinds="\
bridge     type_bridge                                             -
bond       type_bond_mode_active-backup                            -
team       type_team                                               -
vlan       link_srv0_type_vlan_id_5                                link_cli0_type_vlan_id_5
macvlan    link_srv0_type_macvlan_mode_bridge                      -
ipvlan     link_srv0_type_ipvlan_mode_l2                           -
vxlan      type_vxlan_id_7_local_S4_remote_C4_dstport_4789         type_vxlan_id_7_local_C4_remote_S4_dstport_4789
geneve     type_geneve_id_7_remote_C4                              type_geneve_id_7_remote_S4
gretap     type_gretap_local_S4_remote_C4                          type_gretap_local_C4_remote_S4
ip6gretap  type_ip6gretap_local_S6_remote_C6                       type_ip6gretap_local_C6_remote_S6
ipip       type_ipip_local_S4_remote_C4                            type_ipip_local_C4_remote_S4
ip6tnl     type_ip6tnl_mode_ipip6_local_S6_remote_C6               type_ip6tnl_mode_ipip6_local_C6_remote_S6
ip6gre     type_ip6gre_local_S6_remote_C6                          type_ip6gre_local_C6_remote_S6"

make_device() { # NAMESPACE WORDS
	local words=${2//_/ }
	words=${words//S4/$server4} words=${words//C4/${client4[0]}} words=${words//S6/$server6} words=${words//C6/${client6[0]}}
	case $words in
	link*) words="${words%% type*} name dev0 type ${words#* type }" ;;
	*) words="name dev0 $words" ;;
	esac
	# shellcheck disable=SC2086
	ip -n "$1" link add $words 2>/dev/null
}
with_port() { # KIND
	case $1 in
	bridge | team) ip -n "$server" link set srv0 master dev0 ;;
	bond) ip -n "$server" link set srv0 down && ip -n "$server" link set srv0 master dev0 && ip -n "$server" link set srv0 up ;;
	esac
}
answered() { in_client ping -q -c 10 -i 0.02 -W 1 10.88.0.1 | sed -n 's/.* transmitted, \([0-9]*\) received.*/\1/p'; }

net_up
rld_start <<END
set-limit three 3/minute match icmp iface dev0
END

while read -r kind at_server at_client; do
	if ! make_device "$server" "$at_server" || ! { [ "$at_client" = - ] || make_device "$client" "$at_client"; }; then
		skip "$kind" "this kernel has no $kind"
		continue
	fi
	there=dev0
	[ "$at_client" != - ] || there=cli0
	with_port "$kind"
	ip -n "$server" link set dev0 up
	ip -n "$client" link set "$there" up
	ip -n "$server" addr add 10.88.0.1/24 dev dev0
	ip -n "$client" addr add 10.88.0.2/24 dev "$there"
	check "$kind: packets come by it" wait_for in_client ping -c 1 -W 1 10.88.0.1
	is "$kind: attached" "$(json .state attach dev0)" attached
	is "... three of ten are answered" "$(answered)" 3
	is "... which the limit counted" "$(json '.limits[0] | "\(.pass) \(.drop)"' stats)" "3 7"
	is "... explain says the same of the next" "$(json '"\(.verdict) \(.reason)"' explain 10.88.0.2 icmp icmp-type 8 iface dev0)" "drop over-limit"
	ctl -q detach dev0
	is "... detached: all are answered" "$(answered)" 10
	ip -n "$server" link del dev0
	ip -n "$client" addr del 10.88.0.2/24 dev "$there"
	[ "$there" != dev0 ] || ip -n "$client" link del dev0
	ctl -q del-limit three
	ctl -q set-limit three 3/minute match icmp iface dev0
done <<<"$kinds"
finish
