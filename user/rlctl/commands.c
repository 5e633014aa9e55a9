// SPDX-License-Identifier: GPL-2.0-only
/* The table of commands: dispatch, help and output derive from it. */
#include <stdio.h>
#include <string.h>

#include "conf/grammar/nearest.h"
#include "rl/proto.h"
#include "rlctl/output.h"
#include "rlctl/rlctl.h"

#define SET_LIMIT_MORE                                                                             \
	"RATES    10/second, 200/minute; 5MB/s; \"20 connections per minute\"; quote what has "    \
	"blanks\n"                                                                                 \
	"clauses  per KEY | match any | match [not] tcp|udp|icmp|dport N|src PREFIX|syn|... | "    \
	"strategy S\n"                                                                             \
	"         burst N | monitor | ban for DURATION [...] | "                                   \
	"on-full spread|shared|pass|drop\n"                                                        \
	"         comment TEXT\n"                                                                  \
	"Without NAME it is the limit `default`, judged when no other one matched. Every other "   \
	"limit\n"                                                                                  \
	"needs `match`.\n"
#define LIST_MORE                                                                                  \
	"DURATION is one word such as 10m, TIME is RFC 3339. Timed entries survive a reload.\n"    \
	"@NAME is a list: see `rlctl list --help`.\n"

#define NAMED_MORE                                                                                 \
	"@NAME stands for all of it: `match src @NAME`, `match not dst @NAME`, `allow add "        \
	"@NAME`, "                                                                                 \
	"`deny\nadd @NAME`. NAME alone makes one that is empty.\n"                                 \
	"PATH has a prefix, a range A-B or ADDR/NETMASK a line; strict: a bad line refuses it.\n"

#define CHECK_MORE                                                                                 \
	"Without FILE it reads " RL_CONFIG " and " RL_CONFIG_DIR "/*.conf, with - standard\n"      \
	"input. Needs no running rld; one that runs is asked whom it would cut off, and changes\n" \
	"nothing.\n"

#define REPLAY_MORE                                                                                \
	"Runs a pcap file through the program, by its own time stamps and apart from all that is " \
	"at\nwork. Without --config it asks rld for the running configuration; with it no rld "    \
	"has "                                                                                     \
	"to run.\nCapture what comes in: tcpdump -i eth0 -Q in -w FILE. EXPRESSION is one of "     \
	"pcap-filter(7).\n"

#define PACKET                                                                                     \
	"ADDR [tcp|udp|icmp|icmpv6|proto N] [dport N] [sport N] [syn] [dst ADDR] ... [bytes N]"
#define EXPLAIN_MORE                                                                               \
	"Runs the program on such a packet, apart from all that is at work, and changes nothing. " \
	"The\nwords are conditions of `match`, each with one value: also icmp-type N, vlan N, "    \
	"iface NAME.\nWhat is not said is 0, and tcp; limits of other packets are named, "         \
	"with what\nthey hold against ADDR. `test` ends with 0 pass, 10 drop, 11 would drop, "     \
	"12 depends.\n"

#define HIT_MORE                                                                                   \
	"LIMIT is one `per app`, KEY whatever the application counts by: a user, a token, a "      \
	"tenant.\nEnds with 0 admitted, 10 refused, 11 it would be refused (monitor).\n"

static const struct cli_command commands[] = {
	{"status", "", "what is attached and at work", NULL, print_status, NULL},
	{"show", "[limits|options|lists [NAME]]",
	 "the configuration at work; bans are among the lists", NULL, print_show, NULL},
	{"stats", "[NAME]", "packets by verdict, by reason and by limit", NULL, print_stats, NULL},
	{"sources",
	 "[--limit NAME] [--top N] [--sort refused|drop|would_drop|pass|seen] [--source PREFIX]",
	 "sources with the most refused packets", NULL, print_sources, NULL},
	{"events", "[-f] [--since DURATION] [--source PREFIX]", "what happened; -f follows", NULL,
	 print_events, NULL},
	{"explain", PACKET, "what would happen to a packet now, and why", EXPLAIN_MORE,
	 print_explain, NULL},
	{"test", PACKET, "the same as exit status: 0, 10 drop, 11 would, 12 depends", EXPLAIN_MORE,
	 NULL, NULL},
	{"hit", "LIMIT KEY [cost N]", "count a hit of an application's key", HIT_MORE, print_hit,
	 NULL},
	{"peek", "LIMIT KEY [cost N]", "what a hit would be told, without counting it", HIT_MORE,
	 print_hit, NULL},
	{"attach", "IFACE [mode auto|native|generic]", "enforce on an interface",
	 "Native mode may reset the link of some network cards for a moment.\n", print_attach,
	 NULL},
	{"detach", "IFACE", "stop enforcing on an interface", NULL, print_change, NULL},
	{"set-limit", "[NAME] RATES {CLAUSE}", "set or replace a limit", SET_LIMIT_MORE,
	 print_limit_change, NULL},
	{"del-limit", "NAME", "delete a limit", NULL, print_change, NULL},
	{"enable", "NAME", "let a limit judge again", NULL, print_change, NULL},
	{"disable", "NAME", "keep a limit, but let it judge nothing", NULL, print_change, NULL},
	{"allow", "add|del PREFIX|@NAME [for DURATION | until TIME] [comment TEXT]",
	 "addresses that are never refused", LIST_MORE, print_change, NULL},
	{"deny", "add|del PREFIX|@NAME [for DURATION | until TIME] [comment TEXT]",
	 "addresses that are always refused", LIST_MORE, print_change, NULL},
	{"list", "NAME [add|del PREFIX,... | file PATH [strict]]",
	 "prefixes with a name, used as @NAME", NAMED_MORE, print_change, NULL},
	{"del-list", "NAME", "delete a list that nobody uses", NULL, print_change, NULL},
	{"ban", "ADDR [for DURATION] [comment TEXT]", "refuse one address", NULL, print_change,
	 NULL},
	{"unban", "ADDR", "end that", NULL, print_change, NULL},
	{"mode", "enforce|monitor|off", "judge and drop, judge only, or neither", NULL,
	 print_change, NULL},
	{"set-option", "NAME VALUE", "set an option (`rlctl show options`)", NULL, print_change,
	 NULL},
	{"clear", "ADDR|PREFIX|KEY|all [--limit NAME]", "forget sources and their counts", NULL,
	 print_clear, NULL},
	{"check", "[FILE]", "find errors in configuration files", CHECK_MORE, NULL, check_file},
	{"replay", "FILE [--config FILE] [--iface NAME] [--filter EXPRESSION] [--top N]",
	 "what the limits would have done with a capture", REPLAY_MORE, NULL, replay_file},
	{"export", "", "the running configuration as statements", NULL, print_export, NULL},
	{"save", "", "keep what commands changed in " RL_CONFIG_DIR "/" RL_SAVE_FILE, NULL,
	 print_save, NULL},
	{"reload", "", "read the configuration files again", NULL, print_reload, NULL},
	{"version", "", "versions of rlctl, rld and the kernel", NULL, print_version, NULL},
};
#define COMMANDS (sizeof(commands) / sizeof(*commands))

static const char options_text[] =
	"Options, before the command (the first four also after it):\n"
	"  -j, --json           print the JSON answer\n"
	"  -p, --pretty         ... indented\n"
	"  -q, --quiet          print errors only\n"
	"  -y, --yes            do it although it may cut somebody off\n"
	"  -s, --socket PATH    control socket (default: $" RL_SOCKET_ENV " or " RL_SOCKET ")\n"
	"  -t, --timeout S      seconds to wait for an answer (default: 10, and\n"
	"                       then while rld answers others)\n"
	"      --color WHEN     auto, always or never\n"
	"  -h, --help           this, or of a command; also `rlctl help [COMMAND]`\n"
	"  -V, --version        of rlctl alone\n"
	"      --               no further options\n\n"
	"Exit status: 0 done, 1 refused or failed, 2 usage or syntax, 3 not supported by this "
	"kernel,\n"
	"4 no permission, 6 configuration invalid, 7 rld is not running; test, hit: 10 drop, "
	"11\nwould drop; test: 12 depends on what was not said.\n";

const struct cli_command *cli_find(const char *name)
{
	for (size_t i = 0; i < COMMANDS; i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	return NULL;
}

const char *cli_nearest(const char *name)
{
	const char *known[COMMANDS + 1] = {[COMMANDS] = "help"};

	for (size_t i = 0; i < COMMANDS; i++)
		known[i] = commands[i].name;
	return nearest_word(name, strlen(name), known, COMMANDS + 1);
}

void cli_print_usage(FILE *out)
{
	fprintf(out, "Usage: rlctl [OPTION]... COMMAND [ARGUMENT]...\n"
		     "Show and change what rld limits.\n\nCommands (`rlctl COMMAND --help`):\n");
	for (size_t i = 0; i < COMMANDS; i++)
		fprintf(out, "  %-11s %s\n", commands[i].name, commands[i].help);
	fprintf(out, "\n%s", options_text);
}

void cli_print_command(FILE *out, const struct cli_command *command)
{
	fprintf(out, "Usage: rlctl %s%s%s\n%s.\n", command->name, *command->usage ? " " : "",
		command->usage, command->help);
	if (command->more)
		fprintf(out, "\n%s", command->more);
}
