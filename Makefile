# convergd. make | make test | make test-crash | make demo | make lint | make bench | make install
#   CC=clang  SAN=address,undefined|thread  V=1  DESTDIR= PREFIX=/usr
comma := ,
CC     ?= gcc
ifeq ($(origin CC),default)
CC     := gcc
endif
PREFIX ?= /usr/local
JOBS   ?= $(shell nproc)
B      := build$(if $(SAN),-$(subst $(comma),-,$(SAN)))$(if $(findstring clang,$(CC)),-clang)
Q      := $(if $(V),,@)
PKGS   := libgit2 libcurl jansson libsystemd libfyaml expat libmicrohttpd \
	  sqlite3 libzip zlib openssl

CPPFLAGS += -I. -I$(B) -D_GNU_SOURCE
CFLAGS   ?= $(if $(SAN),-O1,-O2) -g
CFLAGS   += -std=gnu11 -Wall -Wextra -Wshadow -Wstrict-prototypes \
	    -Wmissing-prototypes -Wwrite-strings -Wvla -Werror -Wno-missing-field-initializers \
	    -fstack-protector-strong -MMD -MP $(if $(SAN),-fsanitize=$(SAN) -fno-omit-frame-pointer) \
	    $(if $(SAN),$(if $(findstring clang,$(CC)),,-Wno-format-truncation -Wno-maybe-uninitialized))
LDFLAGS  += $(if $(SAN),-fsanitize=$(SAN))
PKG_CFLAGS = $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
LDLIBS   = $(shell pkg-config --libs $(PKGS) 2>/dev/null) -lev -lpthread -lm

src       = $(wildcard $(1)/*.c $(1)/*/*.c)
objs      = $(patsubst %.c,$(B)/%.o,$(1))
COMMON   := $(call src,common)
MODULES  := $(call src,modules)
DAEMON   := $(call src,daemon)
CLI      := $(call src,cli)
UNIT     := $(wildcard tests/unit/test_*.c)
MODELS   := $(wildcard common/aws/model/*.json)

all: $(B)/convergd $(B)/convergctl

$(B)/convergd: $(call objs,$(DAEMON)) $(B)/libconvergd.a
$(B)/convergctl: $(call objs,$(CLI)) $(B)/libconvergd.a
$(B)/libconvergd.a: $(call objs,$(COMMON) $(MODULES)) $(B)/models.o
	@echo "  AR      $@"
	$(Q)rm -f $@ && $(AR) rcs $@ $^

# The daemon without its main(), for unit tests.
$(B)/libdaemon.a: $(call objs,$(filter-out daemon/main.c,$(DAEMON)))
	@echo "  AR      $@"
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(B)/convergd $(B)/convergctl:
	@echo "  LD      $@"
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

# API models: JSON is flattened into const tables by a small program of ours.
$(B)/modelgen: $(B)/tools/modelgen.o $(B)/common/aws/model_build.o \
		$(B)/common/aws/model_tables.o $(B)/common/base/js.o $(B)/common/base/mem.o \
		$(B)/common/base/buf.o $(B)/common/base/err.o
	@echo "  LD      $@"
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ -ljansson
$(B)/models.c: $(B)/modelgen $(MODELS)
	@echo "  GEN     $@"
	$(Q)$(B)/modelgen $(MODELS) > $@.tmp && mv $@.tmp $@
$(B)/models.o: $(B)/models.c
	@echo "  CC      $<"
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

define compiled
	@mkdir -p $(@D)
	@echo "  CC      $<"
	$(Q)$(CC) $(CPPFLAGS) $(PKG_CFLAGS) $(CFLAGS) -c -o $@ $<
endef
$(B)/%.o: %.c
	$(compiled)

# Unit tests: every tests/unit/test_X.c is a program of its own.
# What several share is in the other files there.
$(B)/tests/unit/libshared.a: $(call objs,$(filter-out $(UNIT) %/toy_aws.c %/toy_aws_crew.c %/toy_aws_net.c %/toy_aws_guest.c %/toy_hurry.c,$(wildcard tests/unit/*.c)))
	@echo "  AR      $@"
	$(Q)rm -f $@ && $(AR) rcs $@ $^
$(B)/tests/unit/test_%: $(B)/tests/unit/test_%.o $(B)/tests/unit/libshared.a \
		$(B)/libdaemon.a $(B)/libconvergd.a
	@echo "  LD      $@"
	$(Q)$(CC) $(LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) -lcheck -lsubunit -lrt $(LDLIBS)
$(B)/tests/unit/test_http2: LDLIBS += -lnghttp2
# It counts allocations.
$(B)/tests/unit/test_codec_memory: private LDFLAGS += $(patsubst %,-Wl$(comma)--wrap=%,malloc calloc realloc vasprintf)
# In place of the client.
$(patsubst %,$(B)/tests/unit/test_%,pass pass_told observe lost heirs guard intent read scale unmanaged): \
		$(B)/tests/unit/toy_aws.o $(B)/tests/unit/toy_aws_crew.o $(B)/tests/unit/toy_aws_net.o \
		$(B)/tests/unit/toy_aws_guest.o
# Their time runs faster.
HURRIED := $(patsubst %,$(B)/tests/unit/test_%,pass intent)
$(HURRIED): $(B)/tests/unit/toy_hurry.o
$(HURRIED): private LDFLAGS += -Wl,--wrap=clock_mono,--wrap=ev_timer_start
unit: $(patsubst %.c,$(B)/%,$(UNIT))
	$(Q)tools/test.sh $(B) unit

# The engine alone, for end-to-end tests that walk the tables of the modules.
$(B)/tests/e2e/engine: $(B)/tests/e2e/engine.o $(B)/libconvergd.a
	@echo "  LD      $@"
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

# Published protocol tests, where their data lies beside the checkout:
# build/tests/conformance [-v] [DIR]. Its objects are elsewhere, for its name.
$(B)/conformance/%.o: tests/conformance/%.c
	$(compiled)
$(B)/tests/conformance: $(patsubst tests/%.c,$(B)/%.o,$(wildcard tests/conformance/*.c)) \
		$(B)/libconvergd.a
	@mkdir -p $(@D)
	@echo "  LD      $@"
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)
conformance: $(B)/tests/conformance
	$(Q)$<
.PHONY: conformance

# Fuzzers, one after the other, FUZZ_SEC each: what parses foreign bytes.
FUZZ_SEC ?= 60
FUZZ      ?= manifest xml json reader config model endpoint source
FUZZ_SAN  := -fsanitize=address,undefined -fno-sanitize-recover=undefined
FUZZ_SRC  := tests/fuzz/fuzz_manifest.c tests/unit/toy_kinds.c common/engine/graph.c \
	     $(wildcard common/base/*.c common/manifest/*.c)
FUZZ_LIB  := $(patsubst %.c,$(B)/fuzz/%.o,$(wildcard common/base/*.c common/aws/model*.c \
	     common/aws/codec*.c common/aws/config*.c common/aws/endpoint*.c) \
	     common/source/knownhosts.c common/source/tree.c common/source/url.c)
FUZZ_CC    = clang -g -O1 $(CPPFLAGS) $(PKG_CFLAGS) -std=gnu11
$(B)/fuzz/%.o: %.c
	@mkdir -p $(@D)
	@echo "  FUZZ    $<"
	$(Q)$(FUZZ_CC) -MMD -MP -fsanitize=fuzzer-no-link $(FUZZ_SAN) -c -o $@ $<
$(B)/fuzz/lib.a: $(FUZZ_LIB) $(B)/models.o
	$(Q)rm -f $@ && $(AR) rcs $@ $^
$(B)/fuzz_%: $(B)/fuzz/tests/fuzz/fuzz_%.o $(B)/fuzz/lib.a
	$(Q)clang -fsanitize=fuzzer $(FUZZ_SAN) -o $@ $^ -ljansson -lexpat -lcrypto -lz -lm
$(B)/fuzz_manifest: $(FUZZ_SRC)
	@mkdir -p $(@D)
	$(Q)$(FUZZ_CC) -fsanitize=fuzzer $(FUZZ_SAN) -o $@ $^ -ljansson -lfyaml -lcrypto -lz
fuzz-%: $(B)/fuzz_%
	$(Q)tests/fuzz/seeds.py $* $(B)/corpus/$*
	$(Q)$< -max_total_time=$(FUZZ_SEC) -timeout=20 -rss_limit_mb=1024 -print_final_stats=1 \
		-artifact_prefix=$(B)/corpus/$*- $(addprefix -dict=,$(wildcard tests/fuzz/$*.dict)) \
		$(B)/corpus/$* >$(B)/corpus/$*.log 2>&1; rc=$$?; echo "== fuzz $*: exit code $$rc"; \
		grep -E '^stat::number|ERROR|SUMMARY' $(B)/corpus/$*.log; exit $$rc
fuzz: $(patsubst %,$(B)/fuzz_%,$(FUZZ))
	$(Q)for t in $(FUZZ); do $(MAKE) --no-print-directory fuzz-$$t || exit 1; done
.PHONY: fuzz

clean:
	rm -rf build build-*

.PHONY: all unit clean
.SECONDARY:
-include $(shell find $(B) -name '*.d' 2>/dev/null)
# Every object, without linking: what a half-built tree can promise.
compile: $(call objs,$(COMMON) $(MODULES) $(DAEMON) $(CLI))
.PHONY: compile

# What convergctl prints, against files; the reference pages of the kinds.
golden: $(B)/convergctl
	$(Q)tests/golden/run --program $<
docs: $(B)/convergctl
	$(Q)$< docs docs/modules
.PHONY: golden docs

# Everything that is tested; installs what it needs.
test:
	$(Q)tools/deps.sh
	$(Q)$(MAKE) -j$(JOBS) --no-print-directory all \
		$(patsubst %.c,$(B)/%,$(UNIT)) $(B)/tests/conformance \
		$(B)/tests/e2e/engine
	$(Q)tools/test.sh $(B) unit golden conformance e2e
e2e: all $(B)/tests/e2e/engine
	$(Q)tools/test.sh $(B) e2e
# A crash at every write of an architecture's life; `test` tries a part.
test-crash: all
	$(Q)DEPS="build emulator" tools/deps.sh
	$(Q)CONVERGD_BUILD=$(CURDIR)/$(B) $$(tools/emulator.sh python) tests/e2e/crash.py -j $$((3 * $(JOBS)))
# A storm of faults, kills, pushes and hands, CHAOS_SEC long; `test` has a minute.
CHAOS_SEC ?= 600
test-chaos: all
	$(Q)DEPS="build emulator" tools/deps.sh
	$(Q)CONVERGD_BUILD=$(CURDIR)/$(B) $$(tools/emulator.sh python) tests/e2e/chaos.py $(CHAOS_SEC) $(CHAOS_SEED)
.PHONY: test-chaos
# What is proved of every resource type and kind, as a table.
convergence: all $(B)/tests/e2e/engine
	$(Q)rm -f $(B)/convergence.jsonl
	$(Q)CONVERGENCE_TABLE=$(CURDIR)/$(B)/convergence.jsonl CONVERGD_BUILD=$(CURDIR)/$(B) \
		tests/e2e/run test_types test_fields
	$(Q)CONVERGD_BUILD=$(CURDIR)/$(B) $$(tools/emulator.sh python) tests/e2e/tables.py $(B)/convergence.jsonl
.PHONY: convergence
# A push, a converged stack, drift healed; KEEP=1 leaves it running.
demo:
	$(Q)DEPS="build emulator" tools/deps.sh
	$(Q)$(MAKE) -j$(JOBS) --no-print-directory all
	$(Q)KEEP=$(KEEP) tools/demo.sh
# Figures, not tests: architectures of several sizes (SIZES="serverless 100"),
# beside Terraform where it is installed, and the AWS client alone.
bench: all bench-client
	$(Q)CONVERGD_BUILD=$(CURDIR)/$(B) tests/bench/run $(SIZES)
$(B)/tests/bench/client: $(B)/tests/bench/client.o $(B)/libconvergd.a
	@echo "  LD      $@"
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)
bench-client: $(B)/tests/bench/client
	$(Q)DEPS="bench test" tools/deps.sh
	$(Q)CONVERGD_BUILD=$(CURDIR)/$(B) tests/bench/client
.PHONY: bench-client
lint: $(B)/models.c
	$(Q)tools/lint.sh
deps:
	$(Q)tools/deps.sh
.PHONY: test test-crash e2e demo bench lint deps

# DESTDIR= PREFIX=; the settings in /etc are never overwritten.
D = $(DESTDIR)$(PREFIX)
UNITDIR ?= $(if $(filter /usr,$(PREFIX)),/lib/systemd/system,$(PREFIX)/lib/systemd/system)
install: all
	install -D -m 755 -t $(D)/bin $(B)/convergd $(B)/convergctl
	$(Q)for f in docs/man/*.[158]; do [ ! -e $$f ] || \
		install -D -m 644 -t $(D)/share/man/man$${f##*.} $$f; done
	$(Q)for f in contrib/systemd/*.service contrib/systemd/*.socket; do [ ! -e $$f ] || { \
		install -D -m 644 -t $(DESTDIR)$(UNITDIR) $$f; \
		sed -i 's|/usr/bin/convergd|$(PREFIX)/bin/convergd|' \
			$(DESTDIR)$(UNITDIR)/$${f##*/}; }; done
	$(Q)for f in contrib/*.yaml; do [ ! -e $$f ] || \
		install -D -m 644 -t $(D)/share/doc/convergd/examples $$f; done
	$(Q)for s in bash:bash-completion/completions/convergctl \
		zsh:zsh/site-functions/_convergctl \
		fish:fish/vendor_completions.d/convergctl.fish; do \
		f=$(D)/share/$${s#*:}; mkdir -p $${f%/*}; \
		$(B)/convergctl completion $${s%%:*} > $$f || rm -f $$f; done
	install -D -m 644 -t $(D)/share/doc/convergd $(wildcard README.md NOTICE LICENSE CHANGELOG.md)
.PHONY: install
