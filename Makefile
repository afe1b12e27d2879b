# `make help` lists the commands. Each works on a machine that has only a Swift toolchain and make: scripts/bootstrap
# first installs the packages of scripts/packages.txt that are missing, where it may.

SWIFT ?= swift
# Compiler flags of every build; changing them rebuilds everything, so that .ci/run sets them once for all its builds.
SWIFTFLAGS ?=
# Flags of the demos, `descent zip demo` and `descent caption demo`, of `descent text train` and of `descent bench`.
DEMO_FLAGS ?=
TEXT_FLAGS ?=
BENCH_FLAGS ?=

formatted = $(wildcard Package.swift Sources Tests Examples)
scripts = .ci/run $(filter-out %.txt %.py scripts/mutants,$(wildcard scripts/*))

.PHONY: build test docs sanitize nightly demo text captions release doctor bench format lint bootstrap clean help

build: bootstrap  ## builds everything for debugging
	$(SWIFT) build $(SWIFTFLAGS)

# Tests follow fixed rules, whatever was measured on this machine.
test sanitize nightly: export DESCENT_TUNING ?= off

test: bootstrap  ## builds and runs the tests; FILTER=Name runs those whose name matches
	$(SWIFT) test --disable-xctest $(SWIFTFLAGS) $(if $(FILTER),--filter '$(FILTER)')

docs: build  ## writes the documentation as a static site to .build/docs
	scripts/docs

sanitize: bootstrap  ## runs the tests of threads under the thread sanitizer; FILTER=Name runs others
	scripts/sanitize-threads $(FILTER)

nightly: bootstrap  ## holds 10,000 random programs to every promise, kills trainings 100 times and studies 200 times, feeds readers 20,000 damaged files
	DESCENT_PROPERTY_SEEDS=1..10000 DESCENT_KILLS=100 DESCENT_STUDY_KILLS=200 DESCENT_FUZZ_FILES=20000 $(SWIFT) test -c release --disable-xctest \
	  -Xswiftc -enable-testing $(SWIFTFLAGS) --filter 'PropertyTests|KillTests|DataTests'

demo: release  ## trains the ZIP-code reader on the handwriting that is shipped, and reads a letter
	.build/release/descent zip demo $(DEMO_FLAGS)

captions: release  ## trains a captioner on generated scenes, judges it and shows where it looks
	.build/release/descent caption demo $(DEMO_FLAGS)

# Where its run is kept.
TEXT_RUN ?= runs/text
text: release  ## trains a language model on the package's own documentation and sources, and writes with it
	.build/release/descent text train --output $(TEXT_RUN) $(TEXT_FLAGS)
	.build/release/descent text evaluate $(TEXT_RUN) --text Documentation/Architecture.md
	.build/release/descent text generate $(TEXT_RUN) --prompt "/// A " --count 300 --seed 1 --stream

release: bootstrap  ## builds the descent command for release
	$(SWIFT) build -c release --product descent $(SWIFTFLAGS)

doctor: release  ## prints which native libraries were found, and what is missing
	.build/release/descent doctor

bench: release  ## times the training steps of the workloads; scripts/bench-peers compares them with PyTorch
	.build/release/descent bench $(BENCH_FLAGS)

format:  ## formats every Swift file in place
	$(SWIFT) format format --in-place --parallel --recursive $(formatted)

lint:  ## checks the format of Swift files, the shell scripts, the map, and that the code of README and articles is compiled
	$(SWIFT) format lint --strict --parallel --recursive $(formatted)
	for script in $(scripts); do bash -n $$script || exit 1; done
	if command -v shellcheck >/dev/null; then shellcheck $(scripts); fi
	scripts/check-map
	scripts/check-pages

bootstrap:
	@scripts/bootstrap

clean:  ## removes everything that was built
	rm -rf .build

help:  ## lists the commands
	@sed -n 's/^\([a-z]*\):.*  ## \(.*\)/make \1	\2/p' Makefile | expand -t 16
