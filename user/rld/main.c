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

static struct rld_options options = {
	.bpffs = RL_BPFFS,
	.state_dir = RL_STATE_DIR,
	.listen = RL_LISTEN,
};
static struct replay_options replay;
static bool only_detach;

/* Of those without a letter getopt_long() gives the place in the table, behind all letters: were it
 * one number, no start of a name would be ambiguous. */
#define CHOICE 256

static const struct {
	const char *name;
	const char *value; /* NULL: takes none */
	const char **text; /* where the value goes, or ... */
	bool *flag;	   /* ... what is set */
	int letter;	   /* of those that do neither */
	const char *help;
} choices[] = {
	{"config", "FILE", &options.config, NULL, 0,
	 "read this file only (default: " RL_CONFIG " and " RL_CONFIG_DIR ")"},
	{"socket", "PATH", &options.socket, NULL, 0,
	 "control socket (default: $" RL_SOCKET_ENV " or " RL_SOCKET ")"},
	{"bpffs", "DIR", &options.bpffs, NULL, 0,
	 "directory of the pinned objects (default: " RL_BPFFS ")"},
	{"state-dir", "DIR", &options.state_dir, NULL, 0,
	 "saved state (default: " RL_STATE_DIR ")"},
	{"listen", "ADDR:PORT", &options.listen, NULL, 0,
	 "HTTP, or \"none\" (default: " RL_LISTEN ")"},
	{"detach", NULL, NULL, &only_detach, 0,
	 "remove every pinned program and map of --bpffs, set aside what --state-dir keeps, and "
	 "exit"},
	{"detach-on-exit", NULL, NULL, &options.detach_on_exit, 0,
	 "remove them when stopped by a signal; what is kept stays"},
	{"replay", "FILE", &replay.file, NULL, 0,
	 "run a capture through a program of its own, print JSON, and exit (`rlctl replay`)"},
	{"iface", "NAME", &replay.iface, NULL, 0, "... as if it had come in on this interface"},
	{"filter", "EXPRESSION", &replay.filter, NULL, 0,
	 "... only what matches, see pcap-filter(7)"},
	{"top", "N", &replay.top, NULL, 0, "... with so many sources (default: 10)"},
	{"version", NULL, NULL, NULL, 'V', "print the version and exit; or -V"},
	{"help", NULL, NULL, NULL, 'h', "print this and exit; or -h"},
};
#define CHOICES (sizeof(choices) / sizeof(*choices))

static void make_table(struct option table[static CHOICES + 1])
{
	for (size_t i = 0; i < CHOICES; i++)
		table[i] = (struct option){
			.name = choices[i].name,
			.has_arg = choices[i].value ? required_argument : no_argument,
			.val = choices[i].letter ? choices[i].letter : CHOICE + (int)i,
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

/* Takes one option. False: the program ends with `*ret_status`. */
static bool take(int choice, int *ret_status)
{
	*ret_status = 0;
	if (choice == 'V') {
		printf("rld %s\n", RL_VERSION);
		return false;
	}
	if (choice == 'h') {
		print_help(stdout);
		return false;
	}
	if (choice < CHOICE) {
		fprintf(stderr, "Try `rld --help`.\n");
		*ret_status = 2;
		return false;
	}
	if (choices[choice - CHOICE].flag)
		*choices[choice - CHOICE].flag = true;
	else
		*choices[choice - CHOICE].text = optarg;
	return true;
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
	struct option table[CHOICES + 1];
	int status;
	int choice;

	options.socket = getenv(RL_SOCKET_ENV);
	if (!options.socket || !*options.socket)
		options.socket = RL_SOCKET;
	occupy_standard_fds();
	make_table(table);
	while ((choice = getopt_long(argc, argv, "hV", table, NULL)) != -1)
		if (!take(choice, &status))
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
