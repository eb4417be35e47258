#!/bin/sh
# Builds rawstrap and runs the bootstrap: ./build.sh --until 1-stage1
# The words are options of `rawstrap build`; see ./build.sh --help.
set -eu
cd "$(dirname "$0")"
cargo build --release --locked
exec "${CARGO_TARGET_DIR:-target}/release/rawstrap" build "$@"
