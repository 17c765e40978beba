# The three commands of the README. Everything else is cargo's.

.PHONY: demo dist test

# Dump, inspect, verify and restore seven databases on two throwaway servers. SCALE=N for more rows.
demo:
	tests/support/setup
	cargo build --release --locked
	tests/support/demo $(SCALE)

# One program that needs nothing of the machine it runs on, with its checksum and licences: target/dist.
dist:
	tests/support/setup --dist
	tests/support/dist

# All tests, with all that they need. Tests whose peer is missing are counted at the end.
test:
	tests/support/setup --peers
	@mkdir -p target && rm -f target/skipped-tests
	PGARK_SKIPPED_LOG="$(CURDIR)/target/skipped-tests" cargo test --locked
	@if [ -s target/skipped-tests ]; then \
		echo "$$(wc -l <target/skipped-tests) tests skipped, each for want of a peer:"; cat target/skipped-tests; \
	fi
