// SPDX-License-Identifier: GPL-2.0-only
/* Parts of maps in the daemon's memory. The kernel makes all pages of such a mapping resident at
 * once, so what is mapped is what it costs. */
#include <sys/mman.h>
#include <unistd.h>

#include "dp/internal.h"

/* Of one element. */
static size_t stride(const struct bpf_map *map)
{
	return (bpf_map__value_size(map) + 7) & ~7ul;
}

void *dp_memory_map(const struct bpf_map *map, __u32 first, __u32 count)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), start = first * stride(map);
	size_t before = start % page, size = before + count * stride(map);
	void *base = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(map),
			  (off_t)(start - before));

	return base == MAP_FAILED ? NULL : (char *)base + before;
}

void dp_memory_unmap(const struct bpf_map *map, void *at, __u32 count)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), before = (size_t)at % page;

	if (at)
		munmap((char *)at - before, before + count * stride(map));
}
