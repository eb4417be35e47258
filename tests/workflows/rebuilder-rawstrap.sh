#!/bin/sh
# A backend of rebuilderd for the outputs of rawstrap: rebuilderd-worker runs it with the published
# file as $1, and compares that with the file of the same name under $REBUILDERD_OUTDIR.
#
# The published file is PACKAGE.tar: the package's directory out of a stage, packed by
#     rebuilder-rawstrap.sh --pack STAGE/store/PACKAGE PACKAGE.tar
# In rebuilderd-worker.conf:
#     [backend."rawstrap"]
#     path = "/usr/local/libexec/rebuilder-rawstrap.sh"
# RAWSTRAP_SOURCE is a checkout of rawstrap, with its binary built (/usr/src/rawstrap). The ledger is
# left beside the file; it says what differed.
set -eu
umask 022

pack() { # TREE FILE: nothing of the file system gets in but names, contents, links and executable bits
    tar --create --file "$2" --format=gnu --sort=name --mtime=@1 --owner=0 --group=0 --numeric-owner \
        --mode=u+rw,go+r,go-w,a+X --directory "${1%/*}" -- "${1##*/}"
}

if [ "$1" = --pack ]; then
    pack "$2" "$3"
    exit
fi
: "${REBUILDERD_OUTDIR:?where the results go; rebuilderd-worker sets it}"
name=${1##*/}
package=${name%.tar}
source=${RAWSTRAP_SOURCE:-/usr/src/rawstrap}
rawstrap=${RAWSTRAP:-$source/target/release/rawstrap}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

cd "$source"
# 7: the output is not what the lists record. The worker sees that for itself.
status=0
"$rawstrap" build --until "$package" --dir "$work/build" --downloads "${DOWNLOADS:-$work/downloads}" ${SEED:+--seed "$SEED"} ||
    status=$?
[ ! -e "$work/build/ledger" ] || cp "$work/build/ledger" "$REBUILDERD_OUTDIR/$package.ledger"
[ "$status" = 0 ] || [ "$status" = 7 ] || exit "$status"
pack "$work/build/stage/store/$package" "$REBUILDERD_OUTDIR/$name"
