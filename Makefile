# SPDX-License-Identifier: MIT
# symdiff. Everything built goes to $(BUILD); nothing generated is committed.
#
#   make            the program build/symdiff, build/libsymdiff.a and build/libsymdiff.so
#   make demo       the main job on real data (examples/longley); installs missing Debian packages first
#   make test       build and run all tests; installs missing Debian packages first
#   make mutate     30 deliberate faults, one at a time: does a test notice each? Half an hour
#   make asan       the same tests under the address and undefined-behaviour sanitizers
#   make tsan       threads that compile and call under ThreadSanitizer
#   make fuzz       every fuzz target for FUZZ_SECONDS seconds (60)
#   make bench      measurements: ratios and counts
#   make lint       all sources under gcc and clang, warnings are errors, and the house rules that a script can see
#   make format     clang-format on all sources
#   make install    into $(DESTDIR)$(PREFIX), with BINDIR, LIBDIR, INCLUDEDIR, DATADIR, MANDIR, DOCDIR; also uninstall
#   make deb        Debian packages in build/deb; also dist, clean

VERSION := $(shell sed -n 's/.*SD_VERSION "\(.*\)".*/\1/p' include/symdiff.h)
SOVERSION := $(firstword $(subst ., ,$(VERSION)))

# Where things are installed; `prefix=`, as GNU spells it, is the same.
prefix ?= /usr/local
PREFIX ?= $(prefix)
BINDIR ?= $(PREFIX)/bin
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
DATADIR ?= $(PREFIX)/share
MANDIR ?= $(DATADIR)/man
DOCDIR ?= $(DATADIR)/doc/symdiff
BUILD ?= build
CFLAGS ?= -O2 -g
WARNINGS := -Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion
FUZZ_SECONDS ?= 60
SANITIZERS := -fsanitize=address,undefined -fno-sanitize-recover=all

FLAGS = -std=c11 $(WARNINGS) -fPIC -fno-semantic-interposition -I. -I$(GEN) -MMD -MP $(CPPFLAGS) $(CFLAGS)
LIBS := -ltcc -lgmp -lm -ldl -lpthread
GEN := $(BUILD)/gen

# ---- sources: one wildcard per room ----------------------------------------------------------------------
# The rooms of the library. A room includes and calls only itself and rooms above it: scripts/lint.sh reads this list.
FOLDERS := \
    base grammar \
    ast/graph language ast/make ast/surface \
    diff \
    simplify simplify/zero simplify/polynomial simplify/answer \
    codegen/raise codegen/print codegen/kernels codegen/machine codegen/values codegen/stable codegen/schedule codegen/emit \
    runtime/data runtime/reference runtime/jit runtime/check runtime/api \
    judge \
    tell
SOURCES := $(wildcard $(addsuffix /*.c,$(FOLDERS)))
GENERATED := $(patsubst grammar/%.y,$(GEN)/%.c,$(wildcard grammar/*.y)) $(patsubst grammar/%.l,$(GEN)/%.c,$(wildcard grammar/*.l))
OBJECTS := $(SOURCES:%.c=$(BUILD)/%.o) $(GENERATED:%.c=%.o)
CLI_OBJECTS := $(patsubst %.c,$(BUILD)/%.o,$(wildcard cli/*.c))
SUPPORT_OBJECTS := $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/support/*.c))
TESTS := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/test_*.c tests/run.c tests/random.c tests/rewrites.c tests/ways.c tests/counts.c))
BENCHES := $(patsubst %.c,$(BUILD)/%,$(wildcard bench/*.c))
FUZZERS := $(patsubst tests/%.c,$(BUILD)/%,$(wildcard tests/fuzz_*.c))
OURS := $(SOURCES) $(wildcard runtime/shared/*.c cli/*.c tests/*.c tests/support/*.c bench/*.c)

STATIC := $(BUILD)/libsymdiff.a
SHARED := $(BUILD)/libsymdiff.so
PROGRAM := $(BUILD)/symdiff

.PHONY: all deps demo test check mutate narrow tsan asan fuzz fuzzers bench lint rooms format format-version install uninstall deb dist clean
.SECONDARY:
.DELETE_ON_ERROR:

all: $(PROGRAM) $(STATIC) $(SHARED) $(BUILD)/symdiff.pc

# ---- building ------------------------------------------------------------------------------------------
$(PROGRAM): $(CLI_OBJECTS) $(STATIC)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(STATIC): $(OBJECTS)
	rm -f $@
	$(AR) rcs $@ $^

# runtime/shared/libtcc.c says why variables of libc are wrapped.
WRAP := -Wl,--wrap=stdout,--wrap=stderr,--wrap=environ
$(SHARED): $(OBJECTS) $(BUILD)/runtime/shared/libtcc.o runtime/shared/exports.map
	$(CC) $(CFLAGS) $(LDFLAGS) -shared -Wl,-soname,libsymdiff.so.$(SOVERSION) -Wl,--version-script=runtime/shared/exports.map \
	    $(WRAP) -o $@ $(filter %.o,$^) $(LIBS)

$(BUILD)/%.o: %.c Makefile | $(GENERATED)
	@mkdir -p $(@D)
	$(CC) $(FLAGS) $(EXTRA) -c -o $@ $<

$(BUILD)/runtime/jit/kernels.o: EXTRA := -O3

$(GEN)/%.c: grammar/%.y
	@mkdir -p $(@D)
	bison -Wall -Werror --defines=$(GEN)/$*.h -o $@ $<

$(GEN)/%.c: grammar/%.l
	@mkdir -p $(@D)
	flex --header-file=$(GEN)/$*.h -o $@ $<

# Generated text is not ours to keep free of warnings.
$(GEN)/%.o: $(GEN)/%.c Makefile | $(GENERATED)
	$(CC) $(FLAGS) -w -c -o $@ $<

# In the file of pkg-config, folders below the prefix are told by it, so that the tree may be moved.
FILL = sed 's|=@LIBDIR@|=$(LIBDIR:$(PREFIX)/%=$${prefix}/%)|; s|=@INCLUDEDIR@|=$(INCLUDEDIR:$(PREFIX)/%=$${prefix}/%)|; s|@PREFIX@|$(PREFIX)|; s|@LIBDIR@|$(LIBDIR)|; s|@INCLUDEDIR@|$(INCLUDEDIR)|; s|@BINDIR@|$(BINDIR)|; s|@VERSION@|$(VERSION)|; s|@LIBS@|$(LIBS)|'
$(BUILD)/symdiff.pc: symdiff.pc.in include/symdiff.h
	@mkdir -p $(@D)
	$(FILL) $< > $@

# ---- tests ---------------------------------------------------------------------------------------------
deps:
	@scripts/install-deps.sh

$(BUILD)/tests/run $(BUILD)/tests/random $(BUILD)/tests/rewrites $(BUILD)/tests/ways $(BUILD)/tests/counts: %: %.o $(SUPPORT_OBJECTS) $(STATIC)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(BUILD)/tests/test_%: $(BUILD)/tests/test_%.o $(SUPPORT_OBJECTS) $(STATIC)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -lcmocka $(LIBS)

# What is tested with 32-bit longs (scripts/check.sh): nothing that compiles in memory, and no libtcc.
NARROW := $(BUILD)/tests/word/no_tcc.o
narrow: LIBS := -lgmp -lm -lpthread
narrow: $(CLI_OBJECTS) $(SUPPORT_OBJECTS) $(STATIC) $(NARROW) $(patsubst %,$(BUILD)/tests/%.o,run test_base test_grammar test_facts)
	$(CC) $(CFLAGS) -o $(PROGRAM) $(CLI_OBJECTS) $(STATIC) $(NARROW) $(LIBS)
	for t in run test_base test_grammar test_facts; do \
	    $(CC) $(CFLAGS) -o $(BUILD)/tests/$$t $(BUILD)/tests/$$t.o $(SUPPORT_OBJECTS) $(STATIC) $(NARROW) -lcmocka $(LIBS) || exit 1; done

# The constructors once more, with every entry counted: tests/test_entries.c.
COUNTED := $(patsubst %.c,$(BUILD)/counted/%.o,$(wildcard ast/make/*.c))
$(BUILD)/counted/%.o: %.c Makefile | $(GENERATED)
	@mkdir -p $(@D)
	$(CC) $(FLAGS) -finstrument-functions -c -o $@ $<

$(BUILD)/tests/test_entries: $(BUILD)/tests/test_entries.o $(COUNTED) $(STATIC)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -lcmocka $(LIBS)

test: deps
	$(MAKE) check

check: all $(TESTS)
	scripts/check.sh $(BUILD)

# By hand: does a test notice each of 30 deliberate faults?
mutate: deps
	@tests/mutate.py

asan: deps
	SANITIZE="$(SANITIZERS)" $(MAKE) BUILD=build/asan CFLAGS="-O1 -g -fno-omit-frame-pointer $(SANITIZERS)" check

# Threads that compile and call, each in a context of its own; and one function in threads.
tsan: deps
	$(MAKE) BUILD=build/tsan CFLAGS="-O1 -g -fsanitize=thread" build/tsan/tests/test_batch
	build/tsan/tests/test_batch

# clang also reports NULL + 0, the end of an empty array; harmless, and defined from C2y on.
fuzz: deps
	$(MAKE) BUILD=build/fuzz CC=clang CFLAGS="-O1 -g $(SANITIZERS) -fno-sanitize=pointer-overflow -fsanitize=fuzzer-no-link" fuzzers
	scripts/fuzz.sh build/fuzz $(FUZZ_SECONDS)

fuzzers: $(FUZZERS)

$(FUZZERS): $(BUILD)/%: $(BUILD)/tests/%.o $(STATIC)
	$(CC) $(CFLAGS) -fsanitize=fuzzer $(LDFLAGS) -o $@ $^ $(LIBS)

$(BUILD)/bench/%: $(BUILD)/bench/%.o $(STATIC)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

bench: all $(BENCHES)
	@for b in $(BENCHES); do echo "== $$b"; $$b || exit 1; done
	@for b in $(wildcard bench/*.sh); do echo "== $$b"; $$b $(BUILD) || exit 1; done

demo: deps
	@$(MAKE) --no-print-directory -s all
	@examples/longley/run.sh $(BUILD)

# ---- the house -----------------------------------------------------------------------------------------
lint: all
	@for cc in gcc clang; do for f in $(OURS); do \
	    $$cc -std=c11 $(WARNINGS) -Werror -I. -Iinclude -I$(GEN) -O2 -c -o /dev/null $$f || exit 1; done; done
	@BUILD=$(BUILD) scripts/lint.sh

rooms:
	@echo $(FOLDERS)

# Every version of clang-format breaks lines in its own way: scripts/lint.sh asks for this one.
FORMAT_VERSION := 14
format-version:
	@echo $(FORMAT_VERSION)

format:
	@clang-format --version | grep -q 'version $(FORMAT_VERSION)\.' || { echo 'clang-format $(FORMAT_VERSION) is needed'; exit 1; }
	git ls-files '*.c' '*.h' | xargs clang-format -i

# Where the Python of PREFIX looks for packages of the system's administrator; PYTHONDIR=... for another place.
PYTHON ?= python3
PYTHONDIR ?= $(shell $(PYTHON) scripts/python-dir.py $(PREFIX) 2>/dev/null || echo $(PREFIX)/lib/python3/dist-packages)
# The installed program has no symbols for a debugger; STRIP=: keeps them.
STRIP ?= strip

COMPLETIONS := bash-completion/completions/symdiff zsh/site-functions/_symdiff fish/vendor_completions.d/symdiff.fish
CMAKE := symdiff-config.cmake symdiff-config-version.cmake

# symdiff.h includes the others.
HEADERS := symdiff.h symdiff_numbers.h symdiff_study.h symdiff.hpp

# install FILES: every file by its whole path, so that uninstall finds the same ones.
D = $(DESTDIR)
INSTALLED = $(BINDIR)/symdiff $(addprefix $(LIBDIR)/,libsymdiff.a libsymdiff.so libsymdiff.so.$(SOVERSION) libsymdiff.so.$(VERSION) \
    pkgconfig/symdiff.pc $(CMAKE:%=cmake/symdiff/%)) $(addprefix $(INCLUDEDIR)/,$(HEADERS)) $(MANDIR)/man1/symdiff.1 \
    $(addprefix $(DOCDIR)/,LICENSE README.md CHANGELOG.md language.md library.md c.md embedded.md python.md) $(COMPLETIONS:%=$(DATADIR)/%)

# Section 3 of the manual, from the comments of the header: a page of each of its sections, and of every function one that leads there.
MAN3 := $(BUILD)/man3
$(MAN3)/names: $(wildcard include/*.h) scripts/man3.awk
	@mkdir -p $(MAN3)
	awk -f scripts/man3.awk -v out=$(MAN3) -v version=$(VERSION) $(wildcard include/*.h) > $@

install: all $(MAN3)/names
	install -d $(addprefix $(D),$(sort $(dir $(INSTALLED))) $(PYTHONDIR)/symdiff $(MANDIR)/man3)
	for page in $$(cat $(MAN3)/names); do install -m 644 $(MAN3)/$$page $(D)$(MANDIR)/man3 || exit 1; done
	install -m 755 $(PROGRAM) $(D)$(BINDIR)/symdiff
	$(STRIP) $(D)$(BINDIR)/symdiff
	install -m 644 $(STATIC) $(D)$(LIBDIR)/libsymdiff.a
	install -m 644 $(SHARED) $(D)$(LIBDIR)/libsymdiff.so.$(VERSION)
	ln -sf libsymdiff.so.$(VERSION) $(D)$(LIBDIR)/libsymdiff.so.$(SOVERSION)
	ln -sf libsymdiff.so.$(SOVERSION) $(D)$(LIBDIR)/libsymdiff.so
	$(FILL) symdiff.pc.in > $(D)$(LIBDIR)/pkgconfig/symdiff.pc
	for f in $(CMAKE); do $(FILL) cmake/$$f.in > $(D)$(LIBDIR)/cmake/symdiff/$$f || exit 1; done
	install -m 644 $(HEADERS:%=include/%) $(D)$(INCLUDEDIR)/
	install -m 644 docs/symdiff.1 $(D)$(MANDIR)/man1/symdiff.1
	install -m 644 LICENSE README.md CHANGELOG.md docs/language.md docs/library.md docs/c.md docs/embedded.md docs/python.md $(D)$(DOCDIR)
	for shell in bash zsh fish; do $(PROGRAM) help $$shell > $(BUILD)/completion.$$shell || exit 1; done
	install -m 644 $(BUILD)/completion.bash $(D)$(DATADIR)/$(word 1,$(COMPLETIONS))
	install -m 644 $(BUILD)/completion.zsh $(D)$(DATADIR)/$(word 2,$(COMPLETIONS))
	install -m 644 $(BUILD)/completion.fish $(D)$(DATADIR)/$(word 3,$(COMPLETIONS))
	install -m 644 python/symdiff/*.py $(D)$(PYTHONDIR)/symdiff

uninstall: $(MAN3)/names
	rm -f $(addprefix $(D),$(INSTALLED))
	for page in $$(cat $(MAN3)/names); do rm -f $(D)$(MANDIR)/man3/$$page; done
	rm -rf $(D)$(PYTHONDIR)/symdiff
	-rmdir $(D)$(DOCDIR) $(D)$(LIBDIR)/cmake/symdiff 2>/dev/null

# Debian packages of this version, in $(BUILD)/deb: the program, the library, its -dev, python3-.
deb: all
	scripts/deb.sh $(BUILD) $(VERSION) $(SOVERSION)

dist:
	@mkdir -p $(BUILD)
	git archive --prefix=symdiff-$(VERSION)/ HEAD | gzip -n > $(BUILD)/symdiff-$(VERSION).tar.gz

clean:
	rm -rf $(BUILD)

-include $(OBJECTS:.o=.d) $(CLI_OBJECTS:.o=.d) $(SUPPORT_OBJECTS:.o=.d) $(COUNTED:.o=.d) $(TESTS:%=%.d) $(BENCHES:%=%.d)
