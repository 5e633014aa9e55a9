// SPDX-License-Identifier: GPL-2.0-only
/* To be preloaded: of the calls of one kind the nth fails, as tests/tools/fail.c has set it in the file $RLD_TEST_FAIL. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../fail.h"

static struct fail *plan;

__attribute__((constructor)) static void open_plan(void)
{
	const char *path = getenv("RLD_TEST_FAIL");
	int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
	void *at = fd < 0 ? MAP_FAILED
			  : (void *)syscall(SYS_mmap, NULL, sizeof(*plan), PROT_READ | PROT_WRITE,
					    MAP_SHARED, fd, 0);

	plan = at == MAP_FAILED ? NULL : at;
}

static int fails(enum fail_kind kind)
{
	if (!plan || (enum fail_kind)plan->kind != kind ||
	    __atomic_load_n(&plan->left, __ATOMIC_RELAXED) <= 0)
		return 0;
	return __atomic_sub_fetch(&plan->left, 1, __ATOMIC_RELAXED) == 0;
}

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *at, size_t size);

static void *none(void)
{
	errno = ENOMEM;
	return NULL;
}

void *malloc(size_t size)
{
	return fails(FAIL_MEMORY) ? none() : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	return fails(FAIL_MEMORY) ? none() : __libc_calloc(count, size);
}

void *realloc(void *at, size_t size)
{
	return fails(FAIL_MEMORY) ? none() : __libc_realloc(at, size);
}

void *mmap(void *at, size_t len, int prot, int flags, int fd, off_t offset)
{
	if (fd >= 0 && fails(FAIL_MAPPING)) {
		errno = ENOMEM;
		return MAP_FAILED;
	}
	return (void *)syscall(SYS_mmap, at, len, prot, flags, fd, offset);
}

/* libbpf makes its system calls by it. */
long syscall(long number, ...)
{
	static long (*real)(long number, ...);
	long arg[6];
	va_list args;

	va_start(args, number);
	for (int i = 0; i < 6; i++)
		arg[i] = va_arg(args, long);
	va_end(args);
	if (!real)
		real = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
	if (number == SYS_bpf &&
	    (fails(FAIL_BPF) || (arg[0] == BPF_LINK_UPDATE && fails(FAIL_UPDATE)))) {
		errno = ENOMEM;
		return -1;
	}
	return real(number, arg[0], arg[1], arg[2], arg[3], arg[4], arg[5]);
}
