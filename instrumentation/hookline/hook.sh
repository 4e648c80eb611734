#!/bin/sh
# Hookline's hook: keeps one event of a coding agent as one file, prints nothing, exits 0.
#
# Installed as <data>/hook.sh; the spool lies beside it. The same command serves every event: `hook.sh [key=value ...]`,
# the payload on standard input. The agent waits for it, so it costs two forks (cat, mv) and no look at a network or clock:
# the file's modification time is the event's time. The format is told in docs/hooks.md.
#
# - A name `.PID-N` is claimed by creating it exclusively (noclobber) and becomes `PID-N.ev` by a rename. Whoever holds the
#   claim is alone in making that event, and looks for an older event of that name while holding it: so nothing is ever
#   overwritten, when process ids come round again, or when two containers share the folder.
# - Past the limits (the flag file `full`) the event is dropped and counted by one byte in `dropped`; where not even that can be
#   written, by one byte in another file system. The relay keeps the flag; while it is away, about every sixteenth hook looks for itself, in the background (every 64th past the limits).
# - Standard input is always read to its end, so that the agent's write never breaks.
# - A shell reads as far as it has run, and what it reads takes as long as what it does. So the usual way out comes first, and what is seldom needed
#   stands behind it.

trap 'exit 0' EXIT
trap '' XFSZ # a file size limit is an error of cat, not our death
exec >/dev/null 2>&1
umask 077
set -C
LC_ALL=C PATH=/bin:/usr/bin:${PATH-}
export LC_ALL PATH

case $0 in
  */*) spool=${0%/*}/spool ;;
  *) spool=./spool ;;
esac

# The folder is made anew if only it is gone; a hook.sh that is a link somewhere else has no data folder to do that in.
have_spool() {
  [ -d "$spool" ] && return
  [ ! -h "$0" ] && mkdir "$spool"
  [ -d "$spool" ]
}

# What only the environment knows, as the event's first line. Values that would need encoding are left out. It ends with the kernel's line of the agent,
# $kernels, which cat brings: a shell reads a byte a call, which would take a tenth of the hook's time.
describe() {
  line="hookline/1 agent=claude-code ${CLAUDE_PID:+claude_pid=$CLAUDE_PID }ppid=$PPID"
  host=${HOSTNAME-}
  [ -n "$host" ] || read -r host </proc/sys/kernel/hostname
  for word in "host=$host" "entrypoint=${CLAUDE_CODE_ENTRYPOINT-}" "$@"; do
    case $word in
      *= | *[!A-Za-z0-9=._-]*) ;;
      *=*) line="$line $word" ;;
    esac
  done
  if [ -r "$stat" ]; then
    kernels=$stat
    line="$line children_of="
  else
    kernels=
    line="$line
"
  fi
}

# Sets $part, which is then ours, and $event, which does not exist. Fails if the folder takes no file.
claim() {
  n=0
  while [ "$n" -lt 1000 ]; do
    part=$spool/.$$-$n
    event=$spool/$$-$n.ev
    if [ ! -e "$event" ] && { :; } >"$part"; then
      [ -e "$event" ] || return 0
      rm -f "$part"
    elif [ ! -e "$event" ] && [ ! -e "$part" ]; then
      return 1
    fi
    n=$((n + 1))
  done
  return 1
}

# An agent that ends meanwhile takes its line with it: then the payload is there all the same, if the disk takes more.
keep() {
  describe "$@"
  claim || return 1
  { { printf %s "$line" && cat ${kernels:+"$kernels"} -; } >>"$part" || { [ -n "$kernels" ] && [ ! -e "$kernels" ] && echo >>"$part"; }; } &&
    mv -f "$part" "$event" && return 0
  rm -f "$part"
  return 1
}

# is_turn_in N: true for one process id in N. Ids of hooks come in steps; the multiplication spreads any step evenly.
is_turn_in() {
  [ $((($$ * 40503 & 65535) * $1)) -lt 65536 ]
}

# Keeps the event, and is done unless it is this hook's turn to look at the limits.
try() {
  have_spool && [ ! -e "$spool/full" ] && keep "$@" || return
  is_turn_in 16 || exit 0
  is_kept=yes
}

is_kept= stat=
case ${CLAUDE_PID-} in
  *[!0-9]*) CLAUDE_PID= ;;
esac
case "${CLAUDE_PID-} $* " in
  ' '* | *' agent='*) ;;
  *)
    stat=/proc/$CLAUDE_PID/stat
    try "$@"
    ;;
esac

# Sets $stat for the first of our parent and those above it that is no shell. What is cut off a shell's line is said in full, because dash looks for the
# last parenthesis from every place of it.
find_agent() {
  pid=$PPID
  for _ in 1 2 3 4; do
    stat=/proc/$pid/stat
    [ -r "$stat" ] && read -r name <"/proc/$pid/comm" || return
    case $name in
      sh | ash | bash | busybox | dash | fish | ksh | mksh | zsh) ;;
      *) return ;;
    esac
    read -r parent <"$stat" || return
    # shellcheck disable=SC2086 # fields are meant
    set -- ${parent#"$pid ($name)"}
    pid=$2
  done
  stat=/proc/none
}

[ -n "$stat" ] || {
  find_agent
  try "$@"
}

drop() {
  printf . >>"$spool/dropped" || lose
}

# Not even that could be written: a byte in another file system says so, in a folder that is ours and no link, 64 KiB at most.
lose() {
  { read -r _ && read -r name _; } <"$spool/limits" || name=
  case $name in
    '' | *[!0-9a-f]*) name=unknown ;;
  esac
  user=$(id -u)
  for base in "${XDG_RUNTIME_DIR-}" /dev/shm "${TMPDIR-}" /tmp; do
    case $base in
      /*) ;;
      *) continue ;;
    esac
    place=$base/hookline-$user
    [ -d "$place" ] || mkdir "$place" || continue
    { [ ! -h "$place" ] && [ -O "$place" ]; } || continue
    trace=$place/$name.lost
    [ ! -h "$trace" ] || continue
    if [ -f "$trace" ]; then
      [ "$(wc -c <"$trace")" -lt 65536 ] || return
    fi
    printf . >>"$trace" && return
  done
}

# Raises or lowers the flag from what lies in the folder. Its output is nobody's, so that nobody waits for it.
survey() {
  exec </dev/null
  read -r max_bytes max_files _ <"$spool/limits"
  case ${max_bytes-} in
    '' | 0* | *[!0-9]*) max_bytes=268435456 ;;
  esac
  case ${max_files-} in
    '' | 0* | *[!0-9]*) max_files=100000 ;;
  esac
  if ls -lnA "$spool" | awk -v b="$max_bytes" -v f="$max_files" '
    /^-/ { size += $5 } $NF ~ /\.ev$/ { files++ } END { exit !(size >= b || files >= f) }'; then
    : >>"$spool/full"
  elif [ -e "$spool/full" ]; then
    rm -f "$spool/full"
  fi
}

if [ -n "$is_kept" ]; then
  survey &
elif ! have_spool; then
  cat
elif [ -e "$spool/full" ]; then
  drop
  cat
  if is_turn_in 64; then survey & fi
else
  drop
  cat
  if is_turn_in 16; then survey & fi
fi
exit 0
