// SPDX-License-Identifier: GPL-2.0-only
/* Sends raw frames of chosen kinds from chosen sources over one interface, bounded in number and
 * time. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/icmp6.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
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

#define FRAME_MAX 1514
#define COUNT_MAX 20000000UL
#define SECONDS_MAX 30
#define KINDS_MAX 32
#define NS 1000000000ULL

struct job {
	const char *iface;
	unsigned char to[6];
	unsigned char from[6];
	int family;
	unsigned char src[16];
	unsigned char dst[16];
	unsigned long count;
	unsigned long sources;
	unsigned long per_s;
	double seconds;
	unsigned sport;
	unsigned dport;
	unsigned length;
	unsigned vlan[2];
	int vlans;
	int cpu;
	const struct kind *kind[KINDS_MAX];
	size_t kinds;
};

struct frame {
	unsigned char byte[FRAME_MAX];
	size_t len;
};

struct kind {
	const char *name;
	void (*make)(struct frame *f, const struct job *job, const unsigned char *src);
};

static void put(struct frame *f, const void *bytes, size_t len)
{
	memcpy(f->byte + f->len, bytes, len);
	f->len += len;
}

static void put16(struct frame *f, unsigned value)
{
	unsigned short v = htons((unsigned short)value);

	put(f, &v, 2);
}

static void put_zeros(struct frame *f, size_t len)
{
	memset(f->byte + f->len, 0, len);
	f->len += len;
}

static void put_ethernet(struct frame *f, const struct job *job, unsigned proto)
{
	f->len = 0;
	put(f, job->to, 6);
	put(f, job->from, 6);
	for (int i = 0; i < job->vlans; i++) {
		put16(f, job->vlans == 2 && i == 0 ? 0x88a8 : 0x8100);
		put16(f, job->vlan[i]);
	}
	put16(f, proto);
}

/* Ones' complement sum of RFC 1071, not yet folded. */
static unsigned sum(const void *bytes, size_t len, unsigned start)
{
	const unsigned char *at = bytes;

	for (size_t i = 0; i < len; i++)
		start += i % 2 ? at[i] : (unsigned)at[i] << 8;
	return start;
}

static unsigned short fold(unsigned total)
{
	while (total >> 16)
		total = (total & 0xffff) + (total >> 16);
	return htons((unsigned short)~total);
}

/* The headers up to the transport, which will have `left` bytes. `fragment`: the IPv4 field in host
 * order. */
static void put_ipv4(struct frame *f, const struct job *job, const unsigned char *src,
		     unsigned proto, size_t left, unsigned fragment)
{
	struct iphdr ip = {.version = 4, .ihl = 5, .ttl = 64, .protocol = (unsigned char)proto};

	ip.tot_len = htons((unsigned short)(sizeof(ip) + left));
	ip.frag_off = htons((unsigned short)fragment);
	memcpy(&ip.saddr, src, 4);
	memcpy(&ip.daddr, job->dst, 4);
	ip.check = fold(sum(&ip, sizeof(ip), 0));
	put_ethernet(f, job, ETHERTYPE_IP);
	put(f, &ip, sizeof(ip));
}

static void put_ipv6(struct frame *f, const struct job *job, const unsigned char *src,
		     unsigned next, size_t left, unsigned hops)
{
	struct ip6_hdr ip = {0};

	ip.ip6_vfc = 0x60;
	ip.ip6_plen = htons((unsigned short)left);
	ip.ip6_nxt = (unsigned char)next;
	ip.ip6_hlim = (unsigned char)hops;
	memcpy(&ip.ip6_src, src, 16);
	memcpy(&ip.ip6_dst, job->dst, 16);
	put_ethernet(f, job, ETHERTYPE_IPV6);
	put(f, &ip, sizeof(ip));
}

static void put_ip(struct frame *f, const struct job *job, const unsigned char *src, unsigned proto,
		   size_t left)
{
	if (job->family == AF_INET)
		put_ipv4(f, job, src, proto, left, 0);
	else
		put_ipv6(f, job, src, proto, left, 64);
}

static unsigned pseudo(const struct job *job, const unsigned char *src, unsigned proto, size_t len)
{
	size_t size = job->family == AF_INET ? 4 : 16;

	return sum(job->dst, size, sum(src, size, proto + (unsigned)len));
}

static void put_udp(struct frame *f, const struct job *job, const unsigned char *src)
{
	size_t len = sizeof(struct udphdr) + job->length;
	struct udphdr *udp = (struct udphdr *)(f->byte + f->len);

	put16(f, job->sport);
	put16(f, job->dport);
	put16(f, (unsigned)len);
	put16(f, 0);
	put_zeros(f, job->length);
	udp->check = fold(sum(udp, len, pseudo(job, src, IPPROTO_UDP, len)));
}

static void make_udp(struct frame *f, const struct job *job, const unsigned char *src)
{
	put_ip(f, job, src, IPPROTO_UDP, sizeof(struct udphdr) + job->length);
	put_udp(f, job, src);
}

static void make_syn(struct frame *f, const struct job *job, const unsigned char *src)
{
	struct tcphdr tcp = {.source = htons((unsigned short)job->sport),
			     .dest = htons((unsigned short)job->dport),
			     .doff = 5,
			     .syn = 1,
			     .window = htons(1024)};

	put_ip(f, job, src, IPPROTO_TCP, sizeof(tcp));
	tcp.check = fold(sum(&tcp, sizeof(tcp), pseudo(job, src, IPPROTO_TCP, sizeof(tcp))));
	put(f, &tcp, sizeof(tcp));
}

static void make_echo(struct frame *f, const struct job *job, const unsigned char *src)
{
	bool v4 = job->family == AF_INET;
	unsigned char icmp[16] = {v4 ? ICMP_ECHO : ICMP6_ECHO_REQUEST};
	unsigned short check = fold(
		sum(icmp, sizeof(icmp), v4 ? 0 : pseudo(job, src, IPPROTO_ICMPV6, sizeof(icmp))));

	memcpy(icmp + 2, &check, 2);
	put_ip(f, job, src, v4 ? IPPROTO_ICMP : IPPROTO_ICMPV6, sizeof(icmp));
	put(f, icmp, sizeof(icmp));
}

static void make_arp(struct frame *f, const struct job *job, const unsigned char *src)
{
	put_ethernet(f, job, ETHERTYPE_ARP);
	put16(f, 1);
	put16(f, ETHERTYPE_IP);
	put16(f, 0x0604);
	put16(f, 2); /* a reply nobody asked for */
	put(f, job->from, 6);
	put(f, src, 4);
	put(f, job->to, 6);
	put(f, job->dst, 4);
}

static void make_not_ip(struct frame *f, const struct job *job, const unsigned char *src)
{
	put_ethernet(f, job, 0x88b5);
	put_zeros(f, 46);
}

/* Ends within the IP header. */
static void make_short_ip(struct frame *f, const struct job *job, const unsigned char *src)
{
	make_udp(f, job, src);
	f->len = 14 + 4 * (size_t)job->vlans + 12;
}

static void make_bad_version(struct frame *f, const struct job *job, const unsigned char *src)
{
	make_udp(f, job, src);
	f->byte[14 + 4 * job->vlans] = 0x35;
}

/* The IP header promises more than the frame holds. */
static void make_long_ip(struct frame *f, const struct job *job, const unsigned char *src)
{
	put_ip(f, job, src, IPPROTO_UDP, 1000);
	put_udp(f, job, src);
}

static void make_short_tcp(struct frame *f, const struct job *job, const unsigned char *src)
{
	put_ip(f, job, src, IPPROTO_TCP, 8);
	put_zeros(f, 8);
}

static void make_first_fragment(struct frame *f, const struct job *job, const unsigned char *src)
{
	unsigned char ext[8] = {IPPROTO_UDP, 0, 0, 1, 0, 0, 0, 7};
	size_t len = sizeof(struct udphdr) + job->length;

	if (job->family == AF_INET) {
		put_ipv4(f, job, src, IPPROTO_UDP, len, 0x2000);
	} else {
		put_ipv6(f, job, src, IPPROTO_FRAGMENT, len + 8, 64);
		put(f, ext, sizeof(ext));
	}
	put_udp(f, job, src);
}

static void make_later_fragment(struct frame *f, const struct job *job, const unsigned char *src)
{
	unsigned char ext[8] = {IPPROTO_UDP, 0, 0, 64 << 1, 0, 0, 0, 7};

	if (job->family == AF_INET) {
		put_ipv4(f, job, src, IPPROTO_UDP, 24, 64);
	} else {
		put_ipv6(f, job, src, IPPROTO_FRAGMENT, 32, 64);
		put(f, ext, sizeof(ext));
	}
	put_zeros(f, 24);
}

/* IPv6 with hop-by-hop, destination options and UDP behind; IPv4 has no such thing and sends UDP.
 */
static void make_extended(struct frame *f, const struct job *job, const unsigned char *src)
{
	unsigned char hop[8] = {IPPROTO_DSTOPTS, 0, 1, 4};
	unsigned char options[16] = {IPPROTO_UDP, 1, 1, 12};

	if (job->family == AF_INET) {
		make_udp(f, job, src);
		return;
	}
	put_ipv6(f, job, src, IPPROTO_HOPOPTS,
		 sizeof(hop) + sizeof(options) + sizeof(struct udphdr) + job->length, 64);
	put(f, hop, sizeof(hop));
	put(f, options, sizeof(options));
	put_udp(f, job, src);
}

static void make_neighbour(struct frame *f, const struct job *job, const unsigned char *src)
{
	unsigned char icmp[24] = {ND_NEIGHBOR_SOLICIT};
	unsigned short check;

	memcpy(icmp + 8, job->dst, 16);
	check = fold(sum(icmp, sizeof(icmp), pseudo(job, src, IPPROTO_ICMPV6, sizeof(icmp))));
	memcpy(icmp + 2, &check, 2);
	put_ipv6(f, job, src, IPPROTO_ICMPV6, sizeof(icmp), 255);
	put(f, icmp, sizeof(icmp));
}

static const struct kind kinds[] = {
	{"udp", make_udp},
	{"syn", make_syn},
	{"echo", make_echo},
	{"arp", make_arp},
	{"not-ip", make_not_ip},
	{"short-ip", make_short_ip},
	{"bad-version", make_bad_version},
	{"long-ip", make_long_ip},
	{"short-tcp", make_short_tcp},
	{"first-fragment", make_first_fragment},
	{"later-fragment", make_later_fragment},
	{"extended", make_extended},
	{"neighbour", make_neighbour},
};
#define KINDS (sizeof(kinds) / sizeof(*kinds))

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

static void set_address(struct job *job, const char *text, unsigned char *into)
{
	int family = strchr(text, ':') ? AF_INET6 : AF_INET;

	if (inet_pton(family, text, into) != 1 || (job->family && job->family != family))
		die("bad address %s", text);
	job->family = family;
}

static void set_kinds(struct job *job, char *list)
{
	for (char *at = strtok(list, ","); at; at = strtok(NULL, ",")) {
		size_t i = 0;

		while (i < KINDS && strcmp(kinds[i].name, at))
			i++;
		if (i == KINDS || job->kinds == KINDS_MAX)
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
	set_address(job, argv[3], job->src);
	set_address(job, argv[4], job->dst);
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
	unsigned char src[16];
	size_t low = job->family == AF_INET ? 0 : 12;
	unsigned value;

	memcpy(src, job->src, sizeof(src));
	memcpy(&value, src + low, 4);
	value = htonl(ntohl(value) + (unsigned)(i / job->kinds % job->sources));
	memcpy(src + low, &value, 4);
	job->kind[i % job->kinds]->make(f, job, src);
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
			  .seconds = SECONDS_MAX};
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
		if (send(fd, frame.byte, frame.len, 0) == (ssize_t)frame.len)
			sent++;
		else if (errno != ENOBUFS)
			die("cannot send: %s", strerror(errno));
	}
	printf("%lu %.3f\n", sent, (double)(now_ns() - start_ns) / (double)NS);
	close(fd);
	return 0;
}
