/* SPDX-License-Identifier: GPL-2.0-only */
/* What systemd is told of the daemon's state, if it asked: sd_notify(3), without its library. */
#ifndef RLD_NOTIFY_H
#define RLD_NOTIFY_H

/* To the socket of $NOTIFY_SOCKET; without it, and if it cannot be reached, nothing happens. */
void notify_ready(void);
void notify_reloading(void); /* up to the next notify_ready() */
void notify_stopping(void);

#endif
