#!/bin/sh
# Hookline's status line: leaves the agent's status (limits, context, cost) in the spool and shows the user's own status line.
#
# `statusline.sh [COMMAND]`: COMMAND is the user's status line, run by sh with the same standard input; its output, errors and
# exit code pass through untouched. Without it Hookline's own line is shown (`status_text.py`, by the interpreter that the file `python` names), or
# where that cannot be run a smaller one: model, context and usage. The hook beside this script keeps the event, in the background:
# whatever becomes of it, the status line is not held up and does not fail.

# The x keeps the newlines at the end.
{ input=$(cat && printf x); } 2>/dev/null
input=${input%x}

case $0 in
  */*) folder=${0%/*} ;;
  *) folder=. ;;
esac
if [ -x "$folder/hook.sh" ]; then
  printf '%s' "$input" | "$folder/hook.sh" kind=statusline >/dev/null 2>&1 &
fi

if [ -n "${1-}" ]; then
  printf '%s' "$input" 2>/dev/null | sh -c "$1"
  exit
fi

python=
{ read -r python <"$folder/python"; } 2>/dev/null
if [ -x "$python" ] && [ -f "$folder/status_text.py" ]; then
  code='import sys; sys.path.append(sys.argv[1]); import status_text; status_text.main(sys.argv[1])' # imported, it is compiled but once
  printf '%s' "$input" 2>/dev/null | "$python" -I -S -c "$code" "$folder" 2>/dev/null && exit 0
fi

# after KEY TEXT: sets $rest to what follows the key in the text, empty if it is not there.
after() {
  case $2 in
    *"\"$1\":"*) rest=${2#*"\"$1\":"} ;;
    *) rest= ;;
  esac
}

# percent LABEL: adds "LABEL N%" to the line if $rest, a part of the input, has a number as its used_percentage.
percent() {
  after used_percentage "$rest"
  rest=${rest# }
  rest=${rest%%[!0-9]*}
  [ -z "$rest" ] || line="$line · $1 $rest%"
}

after display_name "$input"
rest=${rest# }
rest=${rest#\"}
line=${rest%%\"*}
after context_window "$input"
rest=${rest%%\"rate_limits\"*}
percent ctx
after five_hour "$input"
rest=${rest%%\}*}
percent 5h
[ -z "$line" ] || printf '%s\n' "${line# · }"
exit 0
