// SPDX-License-Identifier: GPL-2.0-only
/* Sends raw frames of chosen kinds from chosen sources over one interface, bounded in number and
 * time. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <sched.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/addr.h"
#include "tests/tools/lib/kinds.h"

#define COUNT_MAX 20000000UL
#define SECONDS 30 /* unless it is said */
#define SECONDS_MAX 7200
#define NS 1000000000ULL

__attribute__((noreturn, format(printf, 1, 2))) static void die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fprintf(stderr, "frames: ");
	vfprintf(stderr, format, args);
	fprintf(stderr, "\n");
	va_end(args);
	exit(2);
}

static unsigned long number(const char *text, unsigned long max)
{
	char *end;
	unsigned long value = strtoul(text, &end, 0);

	if (*end || end == text || value > max)
		die("%s is not a number up to %lu", text, max);
	return value;
}

static void set_address(const char *text, union rl_addr *into)
{
	if (addr_parse(text, strlen(text), into))
		die("bad address %s", text);
}

static void set_kinds(struct job *job, char *list)
{
	for (char *at = strtok(list, ","); at; at = strtok(NULL, ",")) {
		size_t i = 0;

		while (i < kinds_count && strcmp(kinds[i].name, at))
			i++;
		if (i == kinds_count || job->kinds == KINDS_MAX)
			die("unknown kind %s", at);
		job->kind[job->kinds++] = &kinds[i];
	}
}

static void set_vlans(struct job *job, char *list)
{
	for (char *at = strtok(list, ","); at; at = strtok(NULL, ",")) {
		if (job->vlans == 2)
			die("more than two tags");
		job->vlan[job->vlans++] = (unsigned)number(at, 4094);
	}
}

static void set_one(struct job *job, char *word)
{
	char *value = strchr(word, '=');

	if (!value)
		die("NAME=VALUE expected, not %s", word);
	*value++ = '\0';
	if (!strcmp(word, "kind"))
		set_kinds(job, value);
	else if (!strcmp(word, "count"))
		job->count = number(value, COUNT_MAX);
	else if (!strcmp(word, "seconds"))
		job->seconds = strtod(value, NULL);
	else if (!strcmp(word, "per-second"))
		job->per_s = number(value, 1000000);
	else if (!strcmp(word, "sources"))
		job->sources = number(value, 1 << 24);
	else if (!strcmp(word, "sport"))
		job->sport = (unsigned)number(value, 65535);
	else if (!strcmp(word, "dport"))
		job->dport = (unsigned)number(value, 65535);
	else if (!strcmp(word, "length"))
		job->length = (unsigned)number(value, 1400);
	else if (!strcmp(word, "vlan"))
		set_vlans(job, value);
	else if (!strcmp(word, "cpu"))
		job->cpu = (int)number(value, 1023);
	else
		die("unknown setting %s", word);
}

static void set_job(struct job *job, int argc, char *argv[])
{
	unsigned char *to = job->to;

	if (argc < 5)
		die("usage: frames IFACE MAC SOURCE DESTINATION [kind=udp,...] [count=N] "
		    "[seconds=S] [per-second=N]"
		    " [sources=N] [sport=N] [dport=N] [length=N] [vlan=ID[,ID]] [cpu=N]");
	job->iface = argv[1];
	if (sscanf(argv[2], "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", &to[0], &to[1], &to[2], &to[3], &to[4],
		   &to[5]) != 6)
		die("bad MAC %s", argv[2]);
	set_address(argv[3], &job->src);
	set_address(argv[4], &job->dst);
	if (addr_is_ipv4(&job->src) != addr_is_ipv4(&job->dst))
		die("%s and %s are of two versions of IP", argv[3], argv[4]);
	for (int i = 5; i < argc; i++)
		set_one(job, argv[i]);
	if (!job->kinds)
		job->kind[job->kinds++] = &kinds[0];
	if (!(job->seconds > 0) || job->seconds > SECONDS_MAX)
		die("seconds must lie above 0 and at %d at most", SECONDS_MAX);
	if (!job->sources)
		job->sources = 1;
}

static int open_socket(struct job *job)
{
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	struct sockaddr_ll addr = {.sll_family = AF_PACKET,
				   .sll_ifindex = (int)if_nametoindex(job->iface)};
	struct ifreq request = {0};

	if (fd < 0 || !addr.sll_ifindex)
		die("%s: %s", job->iface, strerror(errno));
	strncpy(request.ifr_name, job->iface, IFNAMSIZ - 1);
	if (ioctl(fd, SIOCGIFHWADDR, &request) || bind(fd, (struct sockaddr *)&addr, sizeof(addr)))
		die("%s: %s", job->iface, strerror(errno));
	memcpy(job->from, request.ifr_hwaddr.sa_data, 6);
	return fd;
}

static void pin(int cpu)
{
	cpu_set_t set;

	if (cpu < 0)
		return;
	CPU_ZERO(&set);
	CPU_SET((size_t)cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		die("cannot run on CPU %d: %s", cpu, strerror(errno));
}

static unsigned long long now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (unsigned long long)ts.tv_sec * NS + (unsigned long long)ts.tv_nsec;
}

/* The i-th source: SOURCE plus i in its last 32 bits. */
static void make(const struct job *job, unsigned long i, struct frame *f)
{
	union rl_addr src = job->src;
	unsigned value;

	memcpy(&value, src.byte + 12, 4);
	value = htonl(ntohl(value) + (unsigned)(i / job->kinds % job->sources));
	memcpy(src.byte + 12, &value, 4);
	job->kind[i % job->kinds]->make(f, job, &src);
}

static void wait_turn(const struct job *job, unsigned long long start_ns, unsigned long i)
{
	struct timespec ts;
	unsigned long long at_ns;

	if (!job->per_s)
		return;
	at_ns = start_ns + i * NS / job->per_s;
	ts = (struct timespec){(time_t)(at_ns / NS), (long)(at_ns % NS)};
	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);
}

int main(int argc, char *argv[])
{
	static struct frame frame;
	struct job job = {.count = 1,
			  .sport = 40000,
			  .dport = 9,
			  .length = 18,
			  .cpu = -1,
			  .seconds = SECONDS};
	unsigned long long start_ns;
	unsigned long long end_ns;
	unsigned long sent = 0;
	int fd;

	set_job(&job, argc, argv);
	fd = open_socket(&job);
	pin(job.cpu);
	start_ns = now_ns();
	end_ns = start_ns + (unsigned long long)(job.seconds * (double)NS);
	for (unsigned long i = 0; i < job.count && now_ns() < end_ns; i++) {
		wait_turn(&job, start_ns, i);
		make(&job, i, &frame);
		if (send(fd, frame.data, frame.len, 0) == (ssize_t)frame.len)
			sent++;
		else if (errno != ENOBUFS)
			die("cannot send: %s", strerror(errno));
	}
	printf("%lu %.3f\n", sent, (double)(now_ns() - start_ns) / (double)NS);
	close(fd);
	return 0;
}
