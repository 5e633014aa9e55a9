/* SPDX-License-Identifier: GPL-2.0-only */
/* The conditions of all limits, sorted by the dimension of a packet that they look at. */
#ifndef CONF_DIMS_H
#define CONF_DIMS_H

#include "conf/compile/image.h"
#include "conf/compile/rows.h"
#include "conf/model/conf.h"

/* One condition of one limit: a set of values of a dimension, or what is not in it. */
struct dim_cond {
	__u32 limit;
	bool negated;
	const struct conf_range *range;	  /* disjoint */
	const struct addr_prefix *prefix; /* disjoint */
	size_t count;
};

/* Values of a dimension that all limits treat alike. */
struct dim_class {
	__u32 row;
	__u8 tag; /* which packets can have them; see possible.h */
};

struct dim {
	struct dim_cond *cond; /* owned */
	size_t conds;
	size_t size;
	struct dim_class *class; /* owned */
	size_t classes;
	size_t class_size;
};

/* Names of interfaces that conditions name, as the values 1 and up of the dimension; 0 is any
 * other. */
struct dims {
	struct dim dim[RL_DIM_COUNT];
	char (*iface)[IF_NAMESIZE]; /* sorted, owned */
	size_t ifaces;
	struct conf_range **owned; /* ranges made here */
	size_t owneds;
};

int dims_init(struct dims *d, const struct conf *c);
void dims_done(struct dims *d);
int dim_add_class(struct dim *dim, __u32 row, __u8 tag);

/* The limits whose conditions on one dimension all hold, while a sweep enters and leaves the
 * conditions' sets. */
struct sweep {
	struct row row;
	__u16 *unmet; /* conditions that do not hold, for each limit; owned */
};
int sweep_init(struct sweep *s, const struct dim *dim, size_t limits);
void sweep_done(struct sweep *s);
void sweep_cross(struct sweep *s, const struct dim_cond *cond, bool enter);

/* Fills map[0..size) with the rows of a dimension of numbers. */
int sweep_numbers(const struct dim *dim, size_t limits, struct rows *rows, __u16 *map, size_t size);
/* The prefixes with their rows; fills the classes, tagged 4 or 6, too. */
int sweep_prefixes(struct dim *dim, size_t limits, struct rows *rows, struct conf_prefixes *ret);

/* Fills the classes of a dimension of numbers from its map; -1 without memory. */
int overlap_classes(struct dims *d, enum rl_dim which, const __u16 *map, size_t values);
/* True if more than `max` of the limits in `set` can match one packet; they are then in
 * `witness`. */
bool overlap_exceeds(const struct dims *d, const struct rl_rules *rules, unsigned max,
		     const __u64 *set, __u64 *witness);

#endif
