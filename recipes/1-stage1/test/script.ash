# A script as configure and its like are: what the shell and its tools have to get right.
set -eu

square() { local n=$1; echo $((n * n)); }
echo "arithmetic $(square 12) $((0x1f ^ 3)) $((7 / 2)) $((1 << 40))"

list="c a b a"
sorted=$(for word in $list; do echo "$word"; done | sort -u | tr '\n' ' ')
echo "loop ${sorted% }"

path=/usr/local/lib/libx.so.1
echo "expand ${path##*/} ${path%/*} ${none-default} ${#path} ${path%%.*}"

case conf-1.2.3 in
    [0-9]*) echo "case bad" ;;
    *-[0-9]*.*) echo "case good" ;;
esac

cat <<END
here $list $(echo 'with "quotes"') \$literal
END
cat <<'END'
here $list `literal`
END

IFS=: read -r a b <<END
one:two\n:three
END
echo "read $a $b"

i=0
while [ $i -lt 3 ] && test "$i" != x; do i=$((i + 1)); done
until false || [ $i = 0 ]; do i=$((i - 1)); done
echo "while $i"

(exit 3) || echo "status $?"
(trap 'echo "trap $?"' EXIT; exit 4) || true
(trap 'echo term; exit 0' TERM; kill -TERM $(exec sh -c 'echo $PPID')) || echo "bad trap"

set -- -a -b value rest
while getopts ab: option; do echo "getopts $option ${OPTARG-}"; done
shift $((OPTIND - 1))
echo "left $*"

eval 'x=$((2 + 3))'; echo "eval $x"
printf 'printf %s %03d %x \101\n' "a b" 7 255
echo "pipe $(echo abc | sed 's/\(b\)/[\1]/' | cut -c2-4 | tr '[:lower:]' '[:upper:]')"
{ echo out; echo err >&2; } 2>&1 | sed 's/^/fd /'
exec 5>five; echo five >&5; exec 5>&-; echo "exec $(cat five)"
as_echo='printf %s\n'; $as_echo "autoconf's echo"
test -x /nonexistent || echo "test -x"
[ "abc" \< "abd" ] 2>/dev/null && echo "string order" || echo "string order"
command -v awk >/dev/null && type sed >/dev/null && echo "command -v"
wait; sleep 0 & wait $! && echo "wait"
unset list; echo "unset ${list+set}"
alias e=echo 2>/dev/null || :
umask 022; umask
