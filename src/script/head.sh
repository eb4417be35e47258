#!/bin/sh
# Lists of rawstrap, written out for the tools of a Linux host: sh, unshare and mount of util-linux,
# tar with its decompressors, coreutils. Root can run it, and who may make user namespaces. Its
# environment:
#   DIR        the stage gets to DIR/stage [build-by-script]
#   DOWNLOADS  where the sources are [downloads]
#   RECIPES    the folder of the lists [where it was when this was written]
#   SEED       the seed compiler [DIR/seed]
set -eu
LC_ALL=C
export LC_ALL
umask 022

die() {
    echo "$*" >&2
    exit 1
}

enter() { # RECIPES: into namespaces of its own
    DIR=$(realpath -m -- "${DIR:-build-by-script}")
    DOWNLOADS=$(realpath -- "${DOWNLOADS:-downloads}")
    RECIPES=$(realpath -- "${RECIPES:-$1}")
    SEED=$(realpath -m -- "${SEED:-$DIR/seed}")
    export DIR DOWNLOADS RECIPES SEED
    [ ! -e "$DIR/stage" ] || die "there is a stage already: $DIR/stage"
    user='--user --map-root-user'
    [ "$(id -u)" != 0 ] || user=
    exec unshare $user --mount --propagation private --pid --fork --kill-child --net --ipc --uts sh "$0" inside
}

lay_out() { # DEVICE…
    exec </dev/null
    trap '[ $? = 0 ] || echo "failed: ${step-}" >&2' EXIT
    S=$DIR/stage U=$(command -v unshare) E=$(command -v env)
    mkdir -p "$S/dev" "$S/downloads" "$S/recipes" "$S/store" "$S/tmp"
    # Root's alone by the kernel's rules; a user needs hostname(1), or keeps the name that is there.
    { echo rawstrap >/proc/sys/kernel/hostname; } 2>/dev/null || hostname rawstrap 2>/dev/null || :
    ulimit -c 0
    ulimit -n 1024
    mount -t tmpfs -o nosuid,noexec,mode=755 tmpfs "$S/dev"
    for device; do
        : >"$S/dev/$device"
        mount --bind "/dev/$device" "$S/dev/$device"
    done
    mount --bind "$DOWNLOADS" "$S/downloads"
    mount --bind "$RECIPES" "$S/recipes"
    for dir in dev downloads recipes; do # read-only, where the host lets us
        mount -o remount,bind,ro "$S/$dir" 2>/dev/null || :
    done
}

seed() { # PATH
    safe "$1"
    mkdir -p "${1%/*}"
    cp -- "$SEED" "$1"
    chmod 755 "$1"
}

step() { # PLACE
    step=$1
    set +f
    unset IFS
    echo "[$1]"
}

# Files of the stage are named as the host sees them. A symbolic link in there must not lead out.
safe() { # FILE…
    for at; do
        case $(realpath -m -- "${at%/*}")/ in
        "$S"/*) ;;
        *) die "$at leads out of the stage" ;;
        esac
    done
}

real() { # FILE: gives in $at what it leads to in the stage
    at=$1
    while [ -h "$at" ]; do
        to=$(readlink -- "$at")
        case $to in
        /*) at=$S$to ;;
        *) at=${at%/*}/$to ;;
        esac
    done
    safe "$at"
}

match() { # FILE…: a pattern that matches nothing is an error
    for f; do
        [ -e "$f" ] || [ -h "$f" ] || die "no file matches $f"
    done
}

need() { # SHA256 SOURCE
    echo "$1  $DOWNLOADS/$2" | sha256sum -c --status || die "$DOWNLOADS/$2 is missing, or not what it should be"
}

begin() { # BUILD
    safe "$1"
    rm -rf -- "$1"
    mkdir -p "$1"
}

seal() { # BUILD OUT
    cd /
    rm -rf -- "$1"
    [ -e "$2" ] || die "there is no $2"
    echo "$2"
}

here() { # DIR
    C=$1
    safe "$S$1/"
    cd "$S$1"
}

run() { # STATUS COMMAND ARG…
    want=$1 got=0
    shift
    for f; do # matches of a pattern, as the command in the stage sees them
        shift
        set -- "$@" "${f#"$S"}"
    done
    in_env "$U" --root="$S" --wd="$C" -- "$@" || got=$?
    [ $got = "$want" ] || die "status $got: $*"
}

lines() { # FILE…
    for f; do
        printf '%s\n' "${f#"$S"}"
    done
}

names() { # FILE…: the files of an each, in $list
    match "$@"
    list=$(lines "$@" | sort -u)
}

but() { # FILE…: not these
    match "$@"
    list=$({
        echo "$list"
        lines "$@"
        lines "$@"
    } | sort | uniq -u)
}

apart() { # the next expansion of $list is cut at the ends of its lines, and nowhere else
    set -f
    IFS='
'
}

slots() { # {} {.} {/} {/.} are $p $q $n $m; P and Q are p and q as the host sees them
    set +f
    unset IFS
    q=$p n=${p##*/}
    m=$n
    case $n in ?*.*) q=${p%.*} m=${n%.*} ;; esac
    P=$p Q=$q
    case $p in /*) P=$S$p Q=$S$q ;; esac
}

unpack() { # SOURCE DIR STRIP
    safe "$2/"
    mkdir -p "$2"
    tar -x -f "$DOWNLOADS/$1" -C "$2" --strip-components="$3" --no-same-owner --no-same-permissions
}

edit() { # OLD NEW TIMES FILE…
    old=$1 new=$2 times=$3
    shift 3
    match "$@"
    for f; do
        real "$f"
        [ "$(tr -d '\000' <"$at" | sha256sum)" = "$(sha256sum <"$at")" ] || die "$at is no text"
        count=0 skip=0
        {
            rest=$(cat "$at" && echo .)
            while rest=${rest%.} head=${rest%%"$old"*} && [ "$head" != "$rest" ]; do
                printf %s "$head$new"
                count=$((count + 1)) skip=$((skip + ${#head} + ${#old}))
                rest=$(tail -c +$((skip + 1)) "$at" && echo .)
            done
            printf %s "$rest"
        } >"$at.new"
        [ $count = "${times:-$count}" ] && [ $count != 0 ] || die "$at does not hold it, or not so often: $old"
        touch -r "$at" "$at.new"
        chmod --reference="$at" "$at.new"
        mv -f -- "$at.new" "$at"
    done
}

write() { # MODE FILE <TEXT
    safe "$2"
    mkdir -p "${2%/*}"
    cat >"$2.new"
    chmod "$1" "$2.new"
    mv -fT -- "$2.new" "$2"
}

append() { # FILE <TEXT
    match "$1"
    real "$1"
    cat >>"$at"
}

transfer() { # TO FROM…, with $tool
    to=$1
    shift
    match "$@"
    safe "$to" "$@"
    mkdir -p "${to%/*}"
    case $to in
    */) $tool -t "$to" -- "$@" ;;
    *) $tool -T -- "$@" "$to" ;;
    esac
}

copy() {
    tool='cp -RP --preserve=mode,timestamps --remove-destination'
    transfer "$@"
}

move() {
    tool='mv -f'
    transfer "$@"
}

link() { # TARGET NAME
    safe "$2"
    mkdir -p "${2%/*}"
    ln -sT -- "$1" "$2"
}

make_dirs() { # DIR…
    for f; do
        safe "$f/"
    done
    mkdir -p "$@"
}

remove() { # FILE…
    match "$@"
    safe "$@"
    rm -rf -- "$@"
}

mode() { # MODE FILE…
    mode=$1
    shift
    match "$@"
    for f; do
        real "$f"
        chmod "$mode" "$at"
    done
}

sum() { # FILE
    real "$1"
    sha256sum <"$at"
}

alike() { # SUM FILE…
    sum=$1
    shift
    for f; do
        [ "$(sum "$f")" = "$sum" ] || die "$f differs"
    done
}

same() { # FILE…
    match "$@"
    alike "$(sum "$1")" "$@"
}

same_text() { # FILE… <TEXT
    match "$@"
    alike "$(sha256sum)" "$@"
}

absent() { # TEXT FILE…
    text=$1
    shift
    match "$@"
    safe "$@"
    set +f
    walk "$@"
}

without() { # FILE TEXT-OF-IT
    case $2 in *"$text"*) die "there is '$text' in $1" ;; esac
}

walk() { # FILE…: in none of them, and nowhere below, is $text
    for f; do
        [ -e "$f" ] || [ -h "$f" ] || continue # a pattern without a match
        without "$f" "${f##*/}"
        if [ -h "$f" ]; then
            without "$f" "$(readlink -- "$f")"
        elif [ -f "$f" ]; then
            without "$f" "$(tr '\000' '\001' <"$f" && printf '\001')"
        elif [ -d "$f" ]; then
            walk "$f"/* "$f"/.[!.]* "$f"/..?*
        fi
    done
}
