/* SPDX-License-Identifier: GPL-2.0-only */
/* Whom the header "Host" of a request names. A page of the web whose name is made to mean
 * 127.0.0.1 has a browser ask here, with that name in it: so the views answer to names of this
 * machine only. */
#ifndef RLD_HOST_H
#define RLD_HOST_H

#include "rld/http/listen.h"

/* True for the address that is listened on, "localhost" and the machine's host name, in any case;
 * NULL (there was no header) is none. Behind it any port may stand, or none: nobody's name is in
 * it, and who comes through a forwarded port (ssh -L) has another one. */
bool host_is_here(const char *host, const union listen_addr *addr);

#endif
