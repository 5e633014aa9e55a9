/* SPDX-License-Identifier: GPL-2.0-only */
/* The contract between rld and rlctl: places and names on the control socket.
 *
 * A unix stream socket carries one JSON object a line. Request:
 * {"command":["set-limit","ssh",...],"yes":false}. Answer: {"schema":"rld/1","data":...} or
 * {"schema":"rld/1","error":{"code":...,"message":...,"hint":...}}, where `code` is a name of enum
 * diag_kind and an error of a statement adds "line","column","width","text","expected". Requests of
 * one connection are answered in order; `events` with "-f" goes on with an answer an event.
 *
 * "session":{"peer":"203.0.113.9","port":22} beside the command names the connection by which
 * somebody is here, from the outside to a port of this machine: the guard protects it, for that
 * request, and sessions to that port for later ones, too, where `protect-port` is `auto`.
 *
 * {"command":["check"],"config":"..."} judges the statements in `config`, lines of a file, as a
 * reload of them would, and changes nothing. Such a request may be as long as RL_CHECK_MAX if it
 * comes from somebody who may change things.
 */
#ifndef RL_PROTO_H
#define RL_PROTO_H

#define RL_SCHEMA "rld/1"
#define RL_SOCKET "/run/rld/rld.sock"
#define RL_SOCKET_ENV "RLD_SOCKET"
#define RL_BPFFS "/sys/fs/bpf/rld"
#define RL_CONFIG "/etc/rld/rld.conf"
#define RL_CONFIG_DIR "/etc/rld/rld.d"
#define RL_SAVE_FILE "90-rlctl.conf"
#define RL_STATE_DIR "/var/lib/rld"
#define RL_LOG_DIR "/var/log/rld"
#define RL_LISTEN "127.0.0.1:9779"
#define RL_GROUP_READ "rld"
#define RL_GROUP_ADMIN "rld-admin"
#define RL_REQUEST_MAX (64 * 1024) /* bytes of one request line */
#define RL_CHECK_MAX (16 * 1024 * 1024)

#ifndef RL_VERSION
#define RL_VERSION "0.1.0"
#endif

#endif
