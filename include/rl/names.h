/* SPDX-License-Identifier: GPL-2.0-only */
/* The words that all parts share, each list with its numbers: reasons, verdicts, strategies, units,
 * events. What the kernel is handed is in abi.h, what clients are told in proto.h. A list grows at
 * its end alone. */
#ifndef RL_NAMES_H
#define RL_NAMES_H

#include <linux/types.h>

#define RL_LIMITS_MAX 1024 /* limits of one rule set */
#define RL_WINDOWS_MAX 4   /* stacked windows of one limit */
#define RL_JUDGE_MAX 8	   /* limits that may judge one packet, `default` among them */
#define RL_IFACES_MAX 64   /* attached interfaces; slot 0 is "unknown" */
#define RL_NAME_LEN 32	   /* bytes of a limit's name, its NUL included */
#define RL_PORTS 65536
#define RL_LOG_MAX 1024 /* largest amount of a moving window */

/* Why a packet left the program as it did: one number space for verdicts, counters, metrics,
 * events, commands. */
#define RL_REASONS(X)                                                                              \
	X(INTERNAL, "internal")                                                                    \
	X(NO_RULES, "no-rules")                                                                    \
	X(MODE_OFF, "mode-off")                                                                    \
	X(ARP, "arp")                                                                              \
	X(NOT_IP, "not-ip")                                                                        \
	X(VLAN_DEPTH, "vlan-depth")                                                                \
	X(HEADER_DEPTH, "header-depth")                                                            \
	X(MALFORMED_ETHERNET, "malformed-ethernet")                                                \
	X(MALFORMED_IPV4, "malformed-ipv4")                                                        \
	X(MALFORMED_IPV6, "malformed-ipv6")                                                        \
	X(MALFORMED_TRANSPORT, "malformed-transport")                                              \
	X(NEIGHBOUR_DISCOVERY, "neighbour-discovery")                                              \
	X(MLD, "mld")                                                                              \
	X(PATH_MTU, "path-mtu")                                                                    \
	X(DHCP, "dhcp")                                                                            \
	X(ALLOW_LIST, "allow-list")                                                                \
	X(DENY_LIST, "deny-list")                                                                  \
	X(BANNED, "banned")                                                                        \
	X(NO_LIMIT, "no-limit")                                                                    \
	X(UNDER_LIMIT, "under-limit")                                                              \
	X(OVER_LIMIT, "over-limit")                                                                \
	X(STATE_FULL, "state-full")

#define X(id, text) RL_REASON_##id,
enum rl_reason { RL_REASONS(X) RL_REASON_COUNT };
#undef X

/* What happened to the packet. A would-drop is a passed packet, told apart. */
#define RL_VERDICTS(X)                                                                             \
	X(PASS, "pass")                                                                            \
	X(DROP, "drop")                                                                            \
	X(WOULD_DROP, "would_drop")                                                                \
	X(REPLY, "reply")

#define X(id, text) RL_VERDICT_##id,
enum rl_verdict { RL_VERDICTS(X) RL_VERDICT_COUNT };
#undef X

#define RL_STRATEGIES(X)                                                                           \
	X(FIXED_WINDOW, "fixed-window")                                                            \
	X(SLIDING_WINDOW, "sliding-window")                                                        \
	X(MOVING_WINDOW, "moving-window")                                                          \
	X(ELASTIC, "elastic")                                                                      \
	X(TOKEN_BUCKET, "token-bucket")

#define X(id, text) RL_STRATEGY_##id,
enum rl_strategy { RL_STRATEGIES(X) RL_STRATEGY_COUNT };
#undef X

#define RL_UNITS(X)                                                                                \
	X(PACKETS, "packets")                                                                      \
	X(BYTES, "bytes")                                                                          \
	X(CONNECTIONS, "connections")                                                              \
	X(REQUESTS, "requests")

#define X(id, text) RL_UNIT_##id,
enum rl_unit { RL_UNITS(X) RL_UNIT_COUNT };
#undef X

#define RL_ON_FULLS(X)                                                                             \
	X(SHARED, "shared")                                                                        \
	X(PASS, "pass")                                                                            \
	X(DROP, "drop")                                                                            \
	X(SPREAD, "spread")

#define X(id, text) RL_ON_FULL_##id,
enum rl_on_full { RL_ON_FULLS(X) RL_ON_FULL_COUNT };
#undef X

#define RL_MODES(X)                                                                                \
	X(ENFORCE, "enforce")                                                                      \
	X(MONITOR, "monitor")                                                                      \
	X(OFF, "off")

#define X(id, text) RL_MODE_##id,
enum rl_mode { RL_MODES(X) RL_MODE_COUNT };
#undef X

/* Parts of a key, or-ed; none of them is `per all`. */
enum rl_key_part {
	RL_KEY_SOURCE = 1,
	RL_KEY_DESTINATION = 2,
	RL_KEY_DPORT = 4,
	RL_KEY_SPORT = 8,
	RL_KEY_PROTO = 16,
	RL_KEY_APP = 32, /* with RL_KEY_SOURCE: the source is a digest of an application's key */
};

union rl_addr {
	__u8 byte[16];
	__u32 word[4];
	__u64 half[2];
};

#define RL_EVENTS(X)                                                                               \
	X(BREACH, "rate-limit-breach")                                                             \
	X(RECOVERED, "rate-limit-recovered")                                                       \
	X(BANNED, "source-banned")                                                                 \
	X(UNBANNED, "source-unbanned")                                                             \
	X(STATE_FULL, "state-full")                                                                \
	X(BAN_SPARED, "ban-spared")

#define X(id, text) RL_EVENT_##id,
enum rl_event_kind { RL_EVENTS(X) RL_EVENT_COUNT };
#undef X

/* What a frame begins with. */
enum rl_link {
	RL_LINK_ETHERNET,
	RL_LINK_IP, /* the IP header: the device has none of its own */
};

#endif
