# Short names; each calls the one script that does the work.

# Every check, as CI runs it.
check:
    .ci/run

# The steps one by one.
fmt:
    .ci/run fmt
shape:
    .ci/run shape
samples:
    .ci/run samples
clippy:
    .ci/run clippy
test:
    .ci/run test
clients:
    .ci/run clients
doc:
    .ci/run doc
deny:
    .ci/run deny
typos:
    .ci/run typos

# The whole job against the simulated org.
rehearse:
    cargo run --release -- rehearse samples/contacts.csv
