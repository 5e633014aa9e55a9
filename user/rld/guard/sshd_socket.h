/* SPDX-License-Identifier: GPL-2.0-only */
/* Ports on which systemd listens for sshd. */
#ifndef RLD_SSHD_SOCKET_H
#define RLD_SSHD_SOCKET_H

#include "base/ports.h"

/* Like sshd_ports(), of the units ssh.socket and sshd.socket with their drop-ins. */
int sshd_socket_ports(const char *root, struct ports *ret);
/* The port behind "192.0.2.1:2222", "name:2222" or "[2001:db8::1]:2222"; 0: there is none. */
__u16 sshd_port_of_address(const char *text);

#endif
