/* SPDX-License-Identifier: GPL-2.0-only */
/* Who is connected for HTTP: how long each may take for what, and who goes when there are too many.
 *
 *   1. The head of a request is there so many seconds after the connection was made, however its
 *      bytes come; an answer is taken, and the next head is there, in a time of their own.
 *   2. Those that have asked for nothing yet have places of their own: no number of them takes one
 *      from those that have. Of either, the one that took the longest goes for a new one, and of
 *      the latter first one that is between two requests.
 *   3. One address, which is a /64 of IPv6, and loopback as a whole, does not have all places.
 *   4. Whose answer waits for a walk through the sources never goes; there are fewer walks than
 *      places (scan.c).
 *   5. Who goes is disconnected; libmicrohttpd finds that and gives him back.
 */
#ifndef RLD_VISITORS_H
#define RLD_VISITORS_H

#include <stdbool.h>
#include <sys/socket.h>

#include "rl/names.h"

#define VISITORS_HEADS 32 /* that have asked for nothing yet */
#define VISITORS_ASKED 32 /* all others */
#define VISITORS_MAX (VISITORS_HEADS + VISITORS_ASKED)
#define VISITORS_OF_ADDRESS 16
#define VISITORS_OF_LOOPBACK 48

enum visitor_state {
	VISITOR_HEAD,	/* its first request has not come, or not all of its head */
	VISITOR_IDLE,	/* ... a further one has not */
	VISITOR_ANSWER, /* is being answered */
	VISITOR_WALK,	/* its answer waits for a walk */
	VISITOR_GONE,	/* disconnected, not given back yet */
	VISITOR_STATES,
};

struct visitor {
	struct visitor *next; /* came after it */
	union rl_addr addr;
	__u64 since_ns; /* in its state */
	enum visitor_state state;
	int fd; /* not owned */
};

struct visitors {
	struct visitor *first;
};

/* One more, for whom another one may have had to go. NULL: there is no room. `crowded` as for a
 * door (door.h). */
struct visitor *visitors_add(struct visitors *all, int fd, const struct sockaddr *from,
			     bool crowded);
void visitor_set(struct visitors *all, struct visitor *visitor, enum visitor_state state);
void visitor_remove(struct visitors *all, struct visitor *visitor); /* frees it */
/* Who took too long goes. How long until the next one does; 0: nobody is to. */
__u64 visitors_expire(struct visitors *all);

#endif
