// SPDX-License-Identifier: GPL-2.0-only
/* The listening control socket: everybody may connect, the peer's credentials decide (access.h). */
#include "rld/control/ctl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "rld/control/client.h"
#include "rld/loop/door.h"

#define BACKLOG 64

struct ctl {
	struct rld *rld;
	struct door *door;
	struct clients clients;
	int fd;
	struct sockaddr_un addr;
};

static int make_parent(const char *path)
{
	char dir[sizeof(((struct sockaddr_un *)0)->sun_path)];
	char *slash;

	strcpy(dir, path);
	slash = strrchr(dir, '/');
	if (!slash || slash == dir)
		return 0;
	*slash = 0;
	return mkdir(dir, 0755) && errno != EEXIST ? -errno : 0;
}

/* The process that accepts connections there; 0: none does. */
static pid_t served_by(const struct sockaddr_un *addr)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool yes = fd >= 0 &&
		   (!connect(fd, (const struct sockaddr *)addr, sizeof(*addr)) || errno == EAGAIN);
	struct ucred peer = {0};
	socklen_t len = sizeof(peer);

	/* Of a full queue of connections nobody is known. */
	if (yes && (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) || !peer.pid))
		peer.pid = -1;
	if (fd >= 0)
		close(fd);
	return peer.pid;
}

static int runs_already(const char *path, pid_t pid, struct diag *d)
{
	if (pid > 0)
		diag_set(d, DIAG_FAILED, "rld runs already: pid %d serves the socket %s", pid,
			 path);
	else
		diag_set(d, DIAG_FAILED, "rld runs already, or something else serves the socket %s",
			 path);
	diag_hint(d, "`rlctl status` shows what it does, `rlctl reload` has it read its files "
		     "again; stop it first, or give this one its own --socket, --bpffs, "
		     "--state-dir and --listen");
	return -EBUSY;
}

/* Removes a dead daemon's socket, and nothing that is not a socket. */
static int make_room(const struct sockaddr_un *addr, struct diag *d)
{
	struct stat st;
	pid_t pid;

	if (lstat(addr->sun_path, &st))
		return 0;
	if (!S_ISSOCK(st.st_mode)) {
		diag_set(d, DIAG_FAILED, "%s exists and is not a socket", addr->sun_path);
		return -EEXIST;
	}
	pid = served_by(addr);
	if (pid)
		return runs_already(addr->sun_path, pid, d);
	unlink(addr->sun_path);
	return 0;
}

static int listen_on(struct ctl *ctl, struct diag *d)
{
	const char *path = ctl->addr.sun_path;
	int err = make_parent(path);

	if (err)
		return diag_errno(d, -err, "cannot make the directory of the socket %s", path);
	err = make_room(&ctl->addr, d);
	if (err)
		return err;
	ctl->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (ctl->fd < 0)
		return diag_errno(d, errno, "cannot make a socket");
	if (bind(ctl->fd, (const struct sockaddr *)&ctl->addr, sizeof(ctl->addr)) ||
	    chmod(path, 0666) || listen(ctl->fd, BACKLOG))
		return diag_errno(d, errno, "cannot listen on %s", path);
	return 0;
}

static void take_client(void *ctx, int fd, const struct sockaddr *from, bool crowded)
{
	struct ctl *ctl = ctx;

	clients_add(&ctl->clients, fd, crowded);
}

int ctl_open(struct rld *rld, struct ctl **ret, struct diag *d)
{
	const char *path = rld->options.socket;
	struct ctl *ctl;
	int err;

	if (strlen(path) >= sizeof(ctl->addr.sun_path))
		return diag_set(d, DIAG_USAGE, "the socket path %s is longer than %zu bytes", path,
				sizeof(ctl->addr.sun_path) - 1);
	ctl = calloc(1, sizeof(*ctl));
	if (!ctl)
		return diag_errno(d, ENOMEM, "cannot serve %s", path);
	ctl->rld = rld;
	ctl->fd = -1;
	ctl->addr.sun_family = AF_UNIX;
	strcpy(ctl->addr.sun_path, path);
	err = listen_on(ctl, d);
	if (!err && clients_init(&ctl->clients, rld))
		err = diag_errno(d, ENOMEM, "cannot serve %s", path);
	if (!err) {
		ctl->door = door_open(rld->loop, ctl->fd, "the control socket", take_client, ctl);
		err = ctl->door ? 0 : diag_errno(d, errno, "cannot serve %s", path);
	}
	if (!err) {
		*ret = ctl;
		return 0;
	}
	if (ctl->fd >= 0)
		close(ctl->fd);
	free(ctl);
	return err;
}

void ctl_close(struct ctl *ctl)
{
	if (!ctl)
		return;
	clients_done(&ctl->clients);
	door_close(ctl->door);
	close(ctl->fd);
	unlink(ctl->addr.sun_path);
	free(ctl);
}
