// SPDX-License-Identifier: GPL-2.0-only
/* Reading captures by libpcap. */
#include "rld/replay/replay_pcap.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>

#define NAME_MAX_SHOWN 200

struct capture {
	pcap_t *pcap;
	char name[NAME_MAX_SHOWN];
	enum replay_link link;
	const char *link_name;
	unsigned long long records; /* read so far */
};

static const struct {
	int dlt;
	enum replay_link link;
} links[] = {
	{DLT_EN10MB, REPLAY_LINK_ETHERNET},
	{DLT_LINUX_SLL, REPLAY_LINK_COOKED},
	{DLT_LINUX_SLL2, REPLAY_LINK_COOKED_2},
	{DLT_RAW, REPLAY_LINK_RAW},
	{DLT_IPV4, REPLAY_LINK_RAW},
	{DLT_IPV6, REPLAY_LINK_RAW},
	{DLT_NULL, REPLAY_LINK_NULL},
	{DLT_LOOP, REPLAY_LINK_NULL},
};

static int find_link(struct capture *capture, struct diag *d)
{
	int dlt = pcap_datalink(capture->pcap);
	const char *name = pcap_datalink_val_to_name(dlt);

	capture->link_name = name ? name : "unknown";
	for (size_t i = 0; i < sizeof(links) / sizeof(*links); i++) {
		if (links[i].dlt != dlt)
			continue;
		capture->link = links[i].link;
		return 0;
	}
	diag_set(d, DIAG_FAILED,
		 "%s: its link type is %s (%d); it must be Ethernet, Linux cooked, raw IP or null",
		 capture->name, capture->link_name, dlt);
	diag_hint(d, "capture on an Ethernet interface: tcpdump -i IFACE -Q in -w FILE");
	return -EPROTONOSUPPORT;
}

static int set_filter(struct capture *capture, const char *filter, struct diag *d)
{
	struct bpf_program program;

	if (!filter)
		return 0;
	if (pcap_compile(capture->pcap, &program, filter, 1, PCAP_NETMASK_UNKNOWN)) {
		diag_set(d, DIAG_USAGE, "filter \"%s\": %s", filter, pcap_geterr(capture->pcap));
		return diag_hint(d, "pcap-filter(7) has its language, such as \"ether dst "
				    "02:00:00:00:00:01\"");
	}
	if (pcap_setfilter(capture->pcap, &program))
		diag_set(d, DIAG_FAILED, "filter \"%s\": %s", filter, pcap_geterr(capture->pcap));
	else
		filter = NULL;
	pcap_freecode(&program);
	return filter ? -EINVAL : 0;
}

/* libpcap's message begins with the file's name in some cases only. */
static int no_capture(const char *path, const char *message, struct diag *d)
{
	size_t len = strlen(path);

	if (!strncmp(message, path, len) && !strncmp(message + len, ": ", 2))
		message += len + 2;
	diag_set(d, DIAG_FAILED, "cannot read %s: %s", path, message);
	return diag_hint(d, "a pcap or pcapng file is expected, as tcpdump -w writes it");
}

int capture_open(const char *path, const char *filter, struct capture **ret, struct diag *d)
{
	struct capture *capture = calloc(1, sizeof(*capture));
	char message[PCAP_ERRBUF_SIZE] = "";
	int err;

	if (!capture)
		return diag_errno(d, ENOMEM, "cannot read %s", path);
	snprintf(capture->name, sizeof(capture->name), "%s", path);
	capture->pcap =
		pcap_open_offline_with_tstamp_precision(path, PCAP_TSTAMP_PRECISION_NANO, message);
	if (!capture->pcap)
		err = no_capture(path, message, d);
	else if (!(err = find_link(capture, d)))
		err = set_filter(capture, filter, d);
	if (err)
		capture_close(capture);
	else
		*ret = capture;
	return err;
}

void capture_close(struct capture *capture)
{
	if (!capture)
		return;
	if (capture->pcap)
		pcap_close(capture->pcap);
	free(capture);
}

enum replay_link capture_link(const struct capture *capture)
{
	return capture->link;
}

const char *capture_link_name(const struct capture *capture)
{
	return capture->link_name;
}

int capture_next(struct capture *capture, struct replay_record *ret, struct diag *d)
{
	struct pcap_pkthdr *header;
	const unsigned char *data;
	int found = pcap_next_ex(capture->pcap, &header, &data);

	if (found == PCAP_ERROR_BREAK)
		return 0;
	if (found != 1) {
		diag_set(d, DIAG_FAILED, "%s: behind its packet %llu: %s", capture->name,
			 capture->records, pcap_geterr(capture->pcap));
		diag_hint(d, "tcpdump -r FILE -w WHOLE keeps what can be read of it");
		return -EIO;
	}
	capture->records++;
	*ret = (struct replay_record){
		.data = data,
		.caplen = header->caplen,
		.len = header->len,
		.s = header->ts.tv_sec,
		.ns = (__u64)header->ts.tv_usec, /* of that precision */
	};
	return 1;
}
