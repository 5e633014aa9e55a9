# SPDX-License-Identifier: GPL-2.0-only
# rld: `make help` lists the targets. Everything is built below $(B).

B ?= build
PREFIX ?= /usr
SYSCONFDIR ?= /etc
BPFFS ?= /sys/fs/bpf/rld
VERSION := 0.1.0

CC ?= gcc
CLANG ?= clang
BPFTOOL ?= $(firstword $(wildcard /usr/lib/linux-tools/*/bpftool /usr/sbin/bpftool) bpftool)
PKG_CONFIG ?= pkg-config

ifneq ($(V),1)
Q := @
say = @printf '  %-7s %s\n' '$(1)' '$(2)'
endif

# Packages are looked up only by the targets that need them, so that `make deps` runs on a bare machine.
pkg_cflags = $(shell $(PKG_CONFIG) --cflags $(1))
pkg_libs = $(shell $(PKG_CONFIG) --libs $(1))

WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wno-unused-parameter
CPPFLAGS += -Iinclude -Iuser -I. -I$(B) -D_GNU_SOURCE -DRL_VERSION='"$(VERSION)"'
CFLAGS ?= -O2 -g
ALL_CFLAGS = -std=gnu11 $(WARN) -fno-strict-aliasing $(CFLAGS)
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
ifeq ($(SAN),1)
ALL_CFLAGS += $(SANITIZE)
endif
ifeq ($(COV),1)
ALL_CFLAGS += --coverage -O0
endif

BPF_CFLAGS := -target bpf -mcpu=v3 -O2 -g -Wall -Wextra -Wno-unused-parameter -Wno-address-of-packed-member \
	-Iinclude -I. -idirafter /usr/include/$(shell uname -m)-linux-gnu

base_src := $(wildcard user/base/*.c)
conf_src := $(wildcard user/conf/*/*.c)
dp_src := $(wildcard user/dp/*.c)
enforce_src := $(wildcard user/enforce/*.c)
rld_src := $(wildcard user/rld/*.c user/rld/*/*.c)
rlctl_src := $(wildcard user/rlctl/*.c)
unit_src := $(wildcard tests/unit/test_*.c)
unit_lib := $(filter-out $(unit_src),$(wildcard tests/unit/*.c))
# What tests of all kinds and the bench share.
test_lib := $(wildcard tests/lib/*.c)
# All of rld but main(): what unit tests, tests of the object, tools and the bench link. Unit tests link rlctl's, too.
lib_src := $(base_src) $(conf_src) $(dp_src) $(enforce_src) $(filter-out user/rld/main.c,$(rld_src))
rlctl_lib := $(filter-out user/rlctl/main.c,$(rlctl_src))
bpf_test_src := $(wildcard tests/bpf/test_*.c) tests/bpf/verify.c
bpf_test_lib := $(filter-out $(bpf_test_src),$(wildcard tests/bpf/*.c))
tool_src := $(wildcard tests/tools/*.c)
tool_lib := $(wildcard tests/tools/lib/*.c)
bench_src := $(addprefix tests/bench/,generate.c run.c line.c)
bench_lib := tests/bench/frame.c tests/bench/setup.c

# Each clang of the machine that compiles the object, besides $(CLANG).
clangs := $(shell printf '%s\n' /usr/bin/clang-[0-9]* | sed -n 's|^/usr/bin/clang-\([0-9]*\)$$|\1|p' | awk '$$1 >= 14' | sort -n)
objects := $(foreach n,$(clangs),$(addprefix $(B)/clang-$(n)/,rl.bpf.o rl.skel.h))

obj = $(patsubst %.c,$(B)/%.o,$(1))
san = $(patsubst %.c,$(B)/san/%.o,$(1))

libs_rld = -lpthread $(call pkg_libs,libbpf libmicrohttpd jansson libpcap libsodium) -lelf -lz
libs_rlctl = $(call pkg_libs,jansson)

unit_bin := $(patsubst tests/unit/%.c,$(B)/tests/unit/%,$(unit_src))
bpf_test_bin := $(patsubst tests/bpf/%.c,$(B)/tests/bpf/%,$(bpf_test_src))
tool_bin := $(patsubst tests/tools/%.c,$(B)/tests/tools/%,$(tool_src)) \
	$(patsubst tests/tools/preload/%.c,$(B)/tests/tools/%.so,$(wildcard tests/tools/preload/*.c))
bench_bin := $(patsubst %.c,$(B)/%,$(bench_src)) $(addprefix $(B)/tests/bench/,drop.bpf.o look.bpf.o stages.bpf.o)

.DEFAULT_GOAL := all
.PHONY: all deps demo check check-unit check-bpf check-compilers check-e2e check-kernel check-deb check-fresh soak objects bench lint vectors format install uninstall deb clean help tests coverage
.SECONDARY:
.DELETE_ON_ERROR:

all: $(B)/rld $(B)/rlctl ## build rld and rlctl

$(B)/librld.a: $(call obj,$(lib_src))
$(B)/san/librld.a: $(call san,$(lib_src))
$(B)/san/librlctl.a: $(call san,$(rlctl_lib))
$(B)/san/libunit.a: $(call san,$(unit_lib) $(test_lib))
$(B)/librld.a $(addprefix $(B)/san/,librld.a librlctl.a libunit.a):
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(B)/rld: $(call obj,user/rld/main.c) $(B)/librld.a
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(libs_rld)

$(B)/rlctl: $(call obj,$(base_src) $(conf_src) $(rlctl_src))
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(libs_rlctl)

# With 8 GB at most: a compiler that cannot cope with the source has taken all of a machine's memory.
define compile_object # COMPILER
	$(call say,BPF,$@)
	$(Q)mkdir -p $(@D)
	$(Q)ulimit -v 8000000; $(1) $(BPF_CFLAGS) -MMD -MP -c $< -o $(@:.o=.tmp.o) -MF $(@:.o=.d) -MT $@
	$(Q)llvm-strip -g $(@:.o=.tmp.o) -o $@ && rm $(@:.o=.tmp.o)
endef

$(B)/bpf/%.bpf.o: bpf/%.bpf.c
	$(call compile_object,$(CLANG))

$(B)/clang-%/rl.bpf.o: bpf/rl.bpf.c
	$(call compile_object,clang-$*)

$(B)/%.skel.h: $(B)/bpf/%.bpf.o
	$(call say,SKEL,$@)
	$(Q)$(BPFTOOL) gen skeleton $< name rl > $@

$(B)/clang-%/rl.skel.h: $(B)/clang-%/rl.bpf.o
	$(call say,SKEL,$@)
	$(Q)$(BPFTOOL) gen skeleton $< name rl > $@

$(call obj,$(dp_src)) $(call san,$(dp_src)) $(call obj,$(bpf_test_src) $(bpf_test_lib)): $(B)/rl.skel.h

$(B)/%.o: %.c
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c $< -o $@

$(B)/san/%.o: %.c
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) $(SANITIZE) -MMD -MP -c $< -o $@

# Unit tests always run under the address and undefined-behaviour sanitizers. A function __wrap_NAME of a test, or of a
# header beside it that it includes, takes the place of NAME, in the archives too.
own_headers = $(shell sed -n 's|^.include "\([a-z_]*\.h\)"|tests/unit/\1|p' $(1))
wrap = $(shell sed -n 's/^.*\b__wrap_\([a-z0-9_]*\).*/-Wl,--wrap=\1/p' $(1) $(own_headers) | sort -u)

$(B)/tests/unit/%: $(B)/san/tests/unit/%.o $(addprefix $(B)/san/,libunit.a librld.a librlctl.a)
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(SANITIZE) $(call wrap,tests/unit/$*.c) -o $@ $^ $(libs_rld) -lcmocka

$(B)/tests/bpf/%: $(B)/tests/bpf/%.o $(call obj,$(bpf_test_lib) $(test_lib)) $(B)/librld.a
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -Wl,--wrap=bpf_object__open_skeleton -o $@ $^ $(libs_rld) -lcmocka

$(B)/tests/tools/%.so: tests/tools/preload/%.c
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -fPIC -shared -o $@ $<

$(B)/tests/tools/%: $(B)/tests/tools/%.o $(call obj,$(tool_lib) $(test_lib)) $(B)/librld.a
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -o $@ $^ -lpthread

$(B)/tests/bench/%.bpf.o: tests/bench/%.bpf.c
	$(call say,BPF,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_CFLAGS) -I. -MMD -MP -c $< -o $@ -MF $(@:.o=.d) -MT $@

$(B)/tests/bench/%.skel.h: $(B)/tests/bench/%.bpf.o
	$(call say,SKEL,$@)
	$(Q)$(BPFTOOL) gen skeleton $< name $* > $@

$(call obj,$(bench_src) $(bench_lib)): $(B)/tests/bench/bench.skel.h

$(B)/tests/bench/%: $(B)/tests/bench/%.o $(call obj,$(bench_lib) $(test_lib)) $(B)/librld.a
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_CFLAGS) -o $@ $^ -lpthread $(call pkg_libs,libbpf) -lelf -lz

deps: ## install the Debian packages that are missing
	$(Q)packaging/deps.sh

# Targets of a fresh machine first install what is missing, then start over with it.
demo: ## show rld on real traffic between network namespaces (as root)
	$(Q)packaging/deps.sh
	$(Q)$(MAKE) --no-print-directory all
	$(Q)tests/demo.sh $(B)

check: ## build and run every test (as root)
	$(Q)packaging/deps.sh compilers
	$(Q)$(MAKE) --no-print-directory all tests objects
	$(Q)tests/run.sh $(B) lint unit bpf compilers e2e

tests: all $(unit_bin) $(bpf_test_bin) $(tool_bin) $(bench_bin)

check-unit: $(unit_bin) ## tests of the C code, under sanitizers
	$(Q)tests/run.sh $(B) unit

coverage: ## percent of the lines of each room that unit tests reach, built in $(B)-cov
	$(Q)[ ! -d $(B)-cov ] || find $(B)-cov -name '*.gcda' -delete
	$(Q)$(MAKE) --no-print-directory B=$(B)-cov COV=1 check-unit
	$(Q)tests/coverage.sh $(B)-cov

check-bpf: $(bpf_test_bin) ## tests of the shipped BPF object (as root)
	$(Q)tests/run.sh $(B) bpf

objects: $(objects) # the object by each clang there is

check-compilers: $(bpf_test_bin) objects ## tests of the object by each clang of the machine (as root)
	$(Q)tests/run.sh $(B) compilers

check-e2e: all $(tool_bin) $(bench_bin) ## tests on real traffic in network namespaces (as root)
	$(Q)tests/run.sh $(B) e2e

check-kernel: ## tests of the BPF object on Debian's Linux 6.1 and 6.12, in virtual machines (as root)
	$(Q)packaging/deps.sh compilers kernel
	$(Q)$(MAKE) --no-print-directory all tests objects
	$(Q)tests/kernel/run.sh $(B) $(KERNEL)

check-deb: ## build the Debian package; install, upgrade and remove it in a Debian made for that (as root)
	$(Q)packaging/deps.sh check-deb
	$(Q)packaging/deb.sh $(B)
	$(Q)tests/run.sh $(B) deb

check-fresh: ## README's commands on a minimal Debian 12 and 13, made for that (as root, half an hour)
	$(Q)packaging/deps.sh fresh
	$(Q)tests/fresh/run.sh bookworm
	$(Q)tests/fresh/run.sh trixie

soak: ## kill the daemon a thousand times under traffic, then let all crowds in (as root: LONG=1200 seconds each)
	$(Q)packaging/deps.sh
	$(Q)$(MAKE) --no-print-directory all tests
	$(Q)bash tests/soak/kills.sh $(B)
	$(Q)LONG=$${LONG:-1200} bash tests/soak/crowds.sh $(B)

bench: ## measure packets and daemon in network namespaces (as root)
	$(Q)packaging/deps.sh bench
	$(Q)$(MAKE) --no-print-directory all $(bench_bin)
	$(Q)tests/bench/bench.py --build $(B) $(if $(GROUP),--group '$(GROUP)') $(if $(ROWS),--rows '$(ROWS)') \
		$(if $(REPS),--reps $(REPS)) $(if $(SECS),--secs $(SECS)) $(if $(BASE),--base '$(BASE)')

vectors: $(B)/tests/bpf/test_vectors ## replay the decision vectors of DIR through the BPF object (as root)
	$(Q)$(B)/tests/bpf/test_vectors $(or $(DIR),$(error make vectors DIR=folder of TSV files))

lint: ## include directions, sizes, format, shell scripts, manual pages
	$(Q)tests/run.sh $(B) lint

format: ## rewrite the C sources in the project's format
	clang-format -i $$(git ls-files '*.c' '*.h')

install: all ## install below $(DESTDIR)$(PREFIX)
	install -D -m 755 $(B)/rld $(DESTDIR)$(PREFIX)/sbin/rld
	install -D -m 755 $(B)/rlctl $(DESTDIR)$(PREFIX)/bin/rlctl
	for page in man/*.[158]; do install -D -m 644 $$page $(DESTDIR)$(PREFIX)/share/man/man$${page##*.}/$${page##*/}; done
	install -D -m 644 packaging/rld.service $(DESTDIR)$(PREFIX)/lib/systemd/system/rld.service
	sed -i '/^Exec/s|=/usr/|=$(PREFIX)/|' $(DESTDIR)$(PREFIX)/lib/systemd/system/rld.service
	install -D -m 644 packaging/rld.sysusers $(DESTDIR)$(PREFIX)/lib/sysusers.d/rld.conf
	install -D -m 644 packaging/rld.conf $(DESTDIR)$(PREFIX)/share/doc/rld/rld.conf.example
	install -D -m 644 packaging/rlctl.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/rlctl
	[ -e $(DESTDIR)$(SYSCONFDIR)/logrotate.d/rld ] || \
		install -D -m 644 packaging/rld.logrotate $(DESTDIR)$(SYSCONFDIR)/logrotate.d/rld
	[ -e $(DESTDIR)$(SYSCONFDIR)/rld/rld.conf ] || install -D -m 644 packaging/rld.conf $(DESTDIR)$(SYSCONFDIR)/rld/rld.conf
	install -d $(DESTDIR)$(SYSCONFDIR)/rld/rld.d

uninstall: ## remove what install put there, unless in use (FORCE=1 detaches first); configuration and state stay
	$(Q)packaging/may-remove.sh $(DESTDIR)$(PREFIX)/sbin/rld $(BPFFS) '$(DESTDIR)' '$(FORCE)'
	rm -f $(DESTDIR)$(PREFIX)/sbin/rld $(DESTDIR)$(PREFIX)/bin/rlctl
	rm -f $(DESTDIR)$(PREFIX)/lib/sysusers.d/rld.conf
	rm -f $(DESTDIR)$(PREFIX)/lib/systemd/system/rld.service $(DESTDIR)$(PREFIX)/share/doc/rld/rld.conf.example
	rm -f $(DESTDIR)$(PREFIX)/share/bash-completion/completions/rlctl
	! cmp -s packaging/rld.logrotate $(DESTDIR)$(SYSCONFDIR)/logrotate.d/rld || rm $(DESTDIR)$(SYSCONFDIR)/logrotate.d/rld
	for page in man/*.[158]; do rm -f $(DESTDIR)$(PREFIX)/share/man/man$${page##*.}/$${page##*/}; done

deb: ## build the Debian package of this tree, $(B)/rld_VERSION_ARCH.deb
	$(Q)packaging/deps.sh deb
	$(Q)packaging/deb.sh $(B)

clean: ## remove what was built
	rm -rf $(B)

help: ## this list
	@printf 'make V=1 (show commands) SAN=1 (sanitizers) COV=1 (coverage) B=dir DESTDIR= PREFIX= BPFFS=\n'
	@printf 'make bench GROUP=wire|run|control ROWS=pattern REPS=n SECS=s BASE=commit\n'
	@printf 'make check-kernel KERNEL=vmlinuz (default: those that Debian has)\n\n'
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## /{printf "  %-12s %s\n", $$1, $$2}' Makefile

-include $(shell [ ! -d $(B) ] || find $(B) -name '*.d')
