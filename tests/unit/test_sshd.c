// SPDX-License-Identifier: GPL-2.0-only
/* The ports of sshd, from its configuration and from systemd's socket units. */
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rld/guard/sshd.h"
#include "unit.h"

static char root[] = "/tmp/rld-unit-sshd-XXXXXX";

static int setup(void **state)
{
	return mkdtemp(root) ? 0 : -1;
}

static int clean(void **state)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf '%s' && mkdir '%s'", root, root);
	return system(command);
}

static int teardown(void **state)
{
	return clean(state) || rmdir(root);
}

/* With the directories that lead there. */
static void put(const char *path, const char *text)
{
	char full[256];

	snprintf(full, sizeof(full), "%s%s", root, path);
	for (char *slash = full + strlen(root) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = 0;
		mkdir(full, 0700);
		*slash = '/';
	}
	unit_write(full, text);
}

static void found(const char *expected)
{
	struct ports ports = {0};
	char text[512] = "";
	size_t len = 0;

	assert_int_equal(sshd_ports(root, &ports), 0);
	for (size_t i = 0; i < ports.count; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, " %u", ports.v[i]);
	assert_string_equal(text[0] ? text + 1 : text, expected);
}

static void config_gives(const char *text, const char *expected)
{
	put("/etc/ssh/sshd_config", text);
	found(expected);
}

static void nothing_there_says_nothing(void **state)
{
	found("");
}

static void ports_and_addresses(void **state)
{
	config_gives("", "");
	config_gives("#Port 22\n  # Port 23\n", "");
	config_gives("Port 2222\n", "2222");
	config_gives("port=2222\nPORT = 2223\n\tPort\t\"2224\"\r\nPort 2225 # why\n",
		     "2222 2223 2224 2225");
	config_gives("Port 2222\nPort 2222", "2222");
	/* A minimal system has no /etc/services. */
	config_gives("Port ssh\n", getservbyname("ssh", "tcp") ? "22" : "");
	config_gives("Port 0\nPort 65536\nPort -1\nPort 22x\nPort\n", "");
	config_gives("ListenAddress 192.0.2.1:2201\nListenAddress [2001:db8::1]:2202\n"
		     "ListenAddress host.example:2203 rdomain x\n",
		     "2201 2202 2203");
	config_gives("ListenAddress 192.0.2.1\nListenAddress 2001:db8::1\nListenAddress ::\n"
		     "ListenAddress [::]\nListenAddress 2222\n",
		     "");
	config_gives("PortForwarding 1\nGatewayPorts 2222\nReport 22\n", "");
}

static void a_match_block_has_no_ports(void **state)
{
	config_gives("Port 2222\nMatch User x\n Port 2223\n ListenAddress 192.0.2.1:2224\n",
		     "2222");
	config_gives("match all\nPort 2223\n", "");
}

static void includes(void **state)
{
	put("/etc/ssh/sshd_config.d/20-b.conf", "Match User y\nPort 2999\n");
	put("/etc/ssh/sshd_config.d/10-a.conf", "Port 2201\n");
	put("/etc/ssh/sshd_config.d/10-a.bak", "Port 2998\n");
	put("/etc/ssh/more", "Port 2202\nInclude sshd_config\n");
	put("/opt/ports", "Port 2203\n");
	/* A block that begins in a file ends with it; one around the Include holds within. */
	config_gives("Include /etc/ssh/sshd_config.d/*.conf\nInclude more /opt/p*\nPort 2204\n"
		     "Match User x\nInclude /etc/ssh/sshd_config.d/10-a.conf\n",
		     "2201 2202 2203 2204");
}

static void socket_units(void **state)
{
	put("/lib/systemd/system/ssh.socket",
	    "[Unit]\nListenStream=1\n[Socket]\nListenStream=0.0.0.0:22\nListenStream=[::]:22\n");
	found("22");
	put("/usr/lib/systemd/system/ssh.socket", "[Socket]\n ListenStream = 2201 \n");
	found("2201");
	put("/etc/systemd/system/ssh.socket.d/20-more.conf", "[Socket]\nListenStream=2202\n");
	found("2201 2202");
	put("/run/systemd/system/ssh.socket.d/10-reset.conf",
	    "[Socket]\nListenStream=\n;ListenStream=1\nListenStream=192.0.2.1:2203\n");
	found("2203 2202");
	/* The same name nearer hides it. */
	put("/etc/systemd/system/ssh.socket.d/10-reset.conf",
	    "[Install]\nListenStream=5\n[Socket]\nListenStream=/run/sshd.sock\nListenStream=@a:7\n"
	    "ListenStream=vsock:2:8\nListenDatagram=9\n");
	found("2201 2202");
	put("/etc/systemd/system/ssh.socket", "[Socket]\nListenStream=2204\n");
	found("2204 2202");
	put("/etc/systemd/system/sshd.socket", "[Socket]\nListenStream=2205\n");
	put("/etc/ssh/sshd_config", "Port 2206\n");
	found("2206 2204 2202 2205");
}

static void a_file_that_cannot_be_read_is_told(void **state)
{
	struct ports ports = {0};
	char full[256];

	put("/etc/ssh/sshd_config.d/10-a.conf", "Port 2201\n");
	put("/etc/ssh/sshd_config", "Include sshd_config.d/*\nPort 2202\n");
	snprintf(full, sizeof(full), "%s/etc/ssh/sshd_config.d/05-loop.conf", root);
	assert_int_equal(symlink("05-loop.conf", full), 0);
	assert_int_equal(sshd_ports(root, &ports), -ELOOP);
	assert_int_equal(ports.count, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(nothing_there_says_nothing, clean),
		cmocka_unit_test_teardown(ports_and_addresses, clean),
		cmocka_unit_test_teardown(a_match_block_has_no_ports, clean),
		cmocka_unit_test_teardown(includes, clean),
		cmocka_unit_test_teardown(socket_units, clean),
		cmocka_unit_test_teardown(a_file_that_cannot_be_read_is_told, clean),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
