# The commands of every day; `make help` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
JOBS ?= $(shell nproc)
DATA ?= ./data
FILTER ?= .*
SEED ?= 7
SEEDS ?= 300
# bash has a variable SECONDS of its own, hence no ?= from the environment.
SECONDS_OF_FUZZ := $(if $(filter command line,$(origin SECONDS)),$(SECONDS),600)
SANITIZERS ?= thread address
MINUTES ?= 10
# With the runtime linked in, calls into it are direct: small answers take a tenth less.
RELEASE := -c release --static-swift-stdlib -j $(JOBS)
# Not the tests that start servers, nor those with hours of virtual time.
SANITIZED := MetricsModel ChunkCoding BlockFormat HeadStorage WriteAheadLog LocalFiles HashRing PromQL RemoteWrite \
	Ingestion Distribution Querying Compaction Storage ClusterTransport PrometheusAPI ServiceSupport Fuzz
EXECUTABLES := engram engram-distributor engram-ingester engram-querier
SWIFT_FILES := Sources Tests Benchmarks/EngineBenchmarks Benchmarks/HotPaths Benchmarks/Measuring migrations \
	Package.swift Benchmarks/Package.swift

.PHONY: help run build test fuzz simulate chaos outage sanitize lint format cluster cluster-stop bench docs dependencies test-dependencies

help:
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

dependencies:
	@scripts/install-dependencies

test-dependencies:
	@scripts/install-dependencies --test

build: dependencies ## release build of all executables
	@for product in $(EXECUTABLES); do \
		swift build $(RELEASE) --product $$product || exit 1; \
	done

run: dependencies ## start engram on the embedded store in ./data
	swift build $(RELEASE) --product engram
	@exec .build/release/engram --data-directory $(DATA)

test: test-dependencies ## build and run all tests
	swift build --build-tests -j $(JOBS)
	@scripts/run-tests

fuzz: test-dependencies ## random queries and damaged bytes for SECONDS=600 from SEED=7, each
	swift build -c release --build-tests -Xswiftc -enable-testing -j $(JOBS) --scratch-path .build-fuzz
	@for suite in FuzzTests QueryFuzzingTests DifferentialTests; do \
		ENGRAM_FUZZ_SECONDS=$(SECONDS_OF_FUZZ) ENGRAM_FUZZ_SEED=$(SEED) swift test -c release \
			-Xswiftc -enable-testing --skip-build --scratch-path .build-fuzz --no-parallel --filter "^$$suite\." || failed=1; \
	done; [ -z "$$failed" ]

chaos: test-dependencies build ## break a cluster under load for MINUTES=10, from SEED=7
	swift build --build-tests -j $(JOBS)
	ENGRAM_BIN_DIR=$(CURDIR)/.build/release ENGRAM_CHAOS_MINUTES=$(MINUTES) ENGRAM_CHAOS_SEED=$(SEED) \
		swift test --skip-build --filter 'ChaosTests.*whatever breaks'

outage: test-dependencies build ## take the database away from a cluster under load for MINUTES=10
	swift build --build-tests -j $(JOBS)
	ENGRAM_BIN_DIR=$(CURDIR)/.build/release ENGRAM_OUTAGE_MINUTES=$(MINUTES) \
		swift test --skip-build --filter 'ChaosTests.*without the database'

# One seed with all that happened in it where SEED is given, else SEEDS of them from FIRST on.
simulate: dependencies ## a cluster on virtual time with faults and checks: SEEDS=300 from FIRST=1, or SEED=7 alone; FAULTS=crashes,outages
	swift build $(RELEASE) --product engram-simulation
	@.build/release/engram-simulation $(if $(filter command line environment,$(origin SEED)),--seed $(SEED), \
		--seeds $(SEEDS) --first $(or $(FIRST),1)) $(if $(FAULTS),--faults $(FAULTS))

# Races vanish under the optimiser, hence debug builds; each sanitizer has a folder of its own. One test at a time: slowed down,
# tests that wait for each other would pass their time limits.
sanitize: test-dependencies ## core and role tests under the thread and the address sanitizer (SANITIZERS='thread')
	@for sanitizer in $(SANITIZERS); do \
		flags="--sanitize=$$sanitizer --scratch-path .build-$$sanitizer"; \
		swift build --build-tests -j $(JOBS) $$flags || { failed=1; continue; }; \
		for target in $(SANITIZED); do \
			TSAN_OPTIONS="suppressions=$(CURDIR)/scripts/thread-sanitizer-suppressions.txt" \
			LSAN_OPTIONS="suppressions=$(CURDIR)/scripts/leak-sanitizer-suppressions.txt" \
			swift test --skip-build --no-parallel $$flags --filter "^$${target}Tests\." || failed=1; \
		done; \
	done; [ -z "$$failed" ]

lint: ## check the formatting of all sources
	swift format lint --strict -r $(SWIFT_FILES)

format: ## format all sources
	swift format format -i -r $(SWIFT_FILES)

cluster: test-dependencies build ## start a local cluster: PostgreSQL and seven processes
	@scripts/cluster start

cluster-stop: ## stop the local cluster
	@scripts/cluster stop

bench: dependencies ## benchmarks of hot paths and queries; FILTER='Engine.*' runs some
	swift package --package-path Benchmarks benchmark --no-progress --filter '$(FILTER)'

docs: test-dependencies ## write the generated pages of docs/
	ENGRAM_WRITE_DOCS=1 swift test --filter "ConfigurationReference|CapacityModelTests"
