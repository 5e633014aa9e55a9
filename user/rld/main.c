// SPDX-License-Identifier: GPL-2.0-only
/* The command line of rld. */
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "rl/proto.h"
#include "rld/daemon.h"
#include "rld/detach.h"
#include "rld/replay/replay.h"

enum choice {
	CHOICE_CONFIG = 256,
	CHOICE_SOCKET,
	CHOICE_BPFFS,
	CHOICE_STATE_DIR,
	CHOICE_LISTEN,
	CHOICE_DETACH,
	CHOICE_REPLAY,
	CHOICE_IFACE,
	CHOICE_FILTER,
	CHOICE_TOP,
	CHOICE_DETACH_ON_EXIT,
	CHOICE_VERSION,
	CHOICE_HELP,
};

static const struct {
	const char *name;
	const char *value; /* NULL: takes none */
	enum choice choice;
	const char *help;
} choices[] = {
	{"config", "FILE", CHOICE_CONFIG,
	 "read this file only (default: " RL_CONFIG " and " RL_CONFIG_DIR ")"},
	{"socket", "PATH", CHOICE_SOCKET,
	 "control socket (default: $" RL_SOCKET_ENV " or " RL_SOCKET ")"},
	{"bpffs", "DIR", CHOICE_BPFFS, "directory of the pinned objects (default: " RL_BPFFS ")"},
	{"state-dir", "DIR", CHOICE_STATE_DIR, "saved state (default: " RL_STATE_DIR ")"},
	{"listen", "ADDR:PORT", CHOICE_LISTEN, "HTTP, or \"none\" (default: " RL_LISTEN ")"},
	{"detach", NULL, CHOICE_DETACH,
	 "remove every pinned program and map of --bpffs, set aside what --state-dir keeps, and "
	 "exit"},
	{"detach-on-exit", NULL, CHOICE_DETACH_ON_EXIT,
	 "remove them when stopped by a signal; what is kept stays"},
	{"replay", "FILE", CHOICE_REPLAY,
	 "run a capture through a program of its own, print JSON, and exit (`rlctl replay`)"},
	{"iface", "NAME", CHOICE_IFACE, "... as if it had come in on this interface"},
	{"filter", "EXPRESSION", CHOICE_FILTER, "... only what matches, see pcap-filter(7)"},
	{"top", "N", CHOICE_TOP, "... with so many sources (default: 10)"},
	{"version", NULL, CHOICE_VERSION, "print the version and exit; or -V"},
	{"help", NULL, CHOICE_HELP, "print this and exit; or -h"},
};
#define CHOICES (sizeof(choices) / sizeof(*choices))

static void make_table(struct option table[static CHOICES + 1])
{
	for (size_t i = 0; i < CHOICES; i++)
		table[i] = (struct option){
			.name = choices[i].name,
			.has_arg = choices[i].value ? required_argument : no_argument,
			.val = (int)choices[i].choice,
		};
	table[CHOICES] = (struct option){0};
}

static void print_help(FILE *out)
{
	char left[64];

	fprintf(out,
		"Usage: rld [OPTION]...\nLimit the rate of packets per source, in the kernel.\n\n");
	for (size_t i = 0; i < CHOICES; i++) {
		snprintf(left, sizeof(left), "--%s %s", choices[i].name,
			 choices[i].value ? choices[i].value : "");
		fprintf(out, "  %-24s %s\n", left, choices[i].help);
	}
	fprintf(out, "\nRuns in the foreground and logs to stderr. SIGHUP reloads the "
		     "configuration, SIGUSR1 reopens\n"
		     "log files. What is attached goes on enforcing when rld ends.\n");
}

/* Those of a replay. False: it is none of them. */
static bool take_replay(int choice, struct replay_options *replay)
{
	switch (choice) {
	case CHOICE_REPLAY:
		replay->file = optarg;
		return true;
	case CHOICE_IFACE:
		replay->iface = optarg;
		return true;
	case CHOICE_FILTER:
		replay->filter = optarg;
		return true;
	case CHOICE_TOP:
		replay->top = optarg;
		return true;
	}
	return false;
}

/* Takes one option. False: the program ends with `*ret_status`. */
static bool take(int choice, struct rld_options *options, bool *ret_detach, int *ret_status)
{
	switch (choice) {
	case CHOICE_CONFIG:
		options->config = optarg;
		return true;
	case CHOICE_SOCKET:
		options->socket = optarg;
		return true;
	case CHOICE_BPFFS:
		options->bpffs = optarg;
		return true;
	case CHOICE_STATE_DIR:
		options->state_dir = optarg;
		return true;
	case CHOICE_LISTEN:
		options->listen = optarg;
		return true;
	case CHOICE_DETACH:
		*ret_detach = true;
		return true;
	case CHOICE_DETACH_ON_EXIT:
		options->detach_on_exit = true;
		return true;
	case 'V':
	case CHOICE_VERSION:
		printf("rld %s\n", RL_VERSION);
		*ret_status = 0;
		return false;
	case 'h':
	case CHOICE_HELP:
		print_help(stdout);
		*ret_status = 0;
		return false;
	default:
		fprintf(stderr, "Try `rld --help`.\n");
		*ret_status = 2;
		return false;
	}
}

/* A descriptor that is closed would be taken by the next file or socket, and get what is meant for
 * stderr. Of what stands in for it nothing can be written to, so that this is noticed. */
static void occupy_standard_fds(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDONLY);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

int main(int argc, char *argv[])
{
	struct rld_options options = {
		.socket = getenv(RL_SOCKET_ENV),
		.bpffs = RL_BPFFS,
		.state_dir = RL_STATE_DIR,
		.listen = RL_LISTEN,
	};
	struct replay_options replay = {0};
	struct option table[CHOICES + 1];
	bool only_detach = false;
	int status;
	int choice;

	if (!options.socket || !*options.socket)
		options.socket = RL_SOCKET;
	occupy_standard_fds();
	make_table(table);
	while ((choice = getopt_long(argc, argv, "hV", table, NULL)) != -1)
		if (!take_replay(choice, &replay) && !take(choice, &options, &only_detach, &status))
			return status;
	if (optind < argc) {
		fprintf(stderr, "rld: \"%s\" is not expected; commands are for rlctl\n",
			argv[optind]);
		return 2;
	}
	if (replay.file)
		return replay_run(&replay, &options);
	return only_detach ? detach_run(&options) : daemon_run(&options);
}
