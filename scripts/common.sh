# shellcheck shell=bash
# What every command needs: messages, steps that a signal can interrupt, locks, folders.

say() { printf 'todoflow: %s\n' "$*"; }
fail() { printf 'todoflow: %s\n' "$*" >&2; exit 1; }
misuse() { printf 'todoflow: %s\n' "$*" >&2; exit 2; }

# Process id of the step that runs now; its group is ended when the script is. And that of the step before, or this one.
step_pid='' last_step=''

# run_step LOG COMMAND...: runs a command with its output in LOG ("-": shown). It runs in the background, in a process
# group of its own, so that a signal to the script is answered at once and a Ctrl-C reaches the script only.
run_step() {
    local log=$1 status=0
    shift
    set -m
    if [[ $log == - ]]; then
        "$@" </dev/null 7>&- 8>&- 9>&- &
    else
        "$@" </dev/null >"$log" 2>&1 7>&- 8>&- 9>&- &
    fi
    step_pid=$! last_step=$!
    set +m
    wait "$step_pid" 2>/dev/null || status=$?
    step_pid=
    return "$status"
}

# end_group PID SECONDS: asks a process group to end, waits that long for its leader, then ends it by force.
end_group() {
    local pid=$1 tenths=$(($2 * 10))
    kill -TERM -- "-$pid" 2>/dev/null || true
    while kill -0 "$pid" 2>/dev/null && ((tenths-- > 0)); do
        sleep 0.1
    done
    kill -KILL -- "-$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
}

# Ends what the last step left behind in its group.
end_rest() { kill -TERM -- "-$last_step" 2>/dev/null || true; }

end_step() {
    [[ -n $step_pid ]] || return 0
    end_group "$step_pid" 10
    step_pid=
}

# fail_step WHAT LOG [DIR]: says in one line why a step failed that writes to DIR, or shows the end of its output.
fail_step() {
    local what=$1 log=$2 dir=${3:-$state}
    fail_if_full "$log" "$dir"
    sed 's/^/    /' "$log" | tail -n 40 >&2
    fail "$what failed: its output is above, and in ${log#"$root"/}"
}

fail_if_full() {
    local log=$1 dir=$2 free
    free=$(df --output=avail -k -- "$dir" 2>/dev/null | tail -n 1) || free=
    if ((${free:-1024} < 1024)) || grep -qsE 'No space left|Disk quota exceeded|not enough space' "$log"; then
        fail "no space left on the disk of $dir ($((${free:-0} / 1024)) MiB free now): free some, then run this again"
    fi
}

# make_folder DIR: a private folder, or one line that says why not.
make_folder() {
    local reason
    reason=$(mkdir -p -- "$1" 2>&1) || fail "cannot make the folder $1: ${reason##*: }"
    [[ -w $1 ]] || fail "cannot write to $1: it belongs to $(stat -c %U -- "$1")"
}

# write_file PATH TEXT: a file for this user only.
write_file() {
    { (umask 077 && printf '%s\n' "$2" >"$1.new" && mv -f -- "$1.new" "$1"); } 2>/dev/null && return 0
    fail_if_full /dev/null "$(dirname "$1")"
    fail "cannot write $1"
}

# The first line of a file, nothing when there is none.
first_line() {
    local line=
    { read -r line <"$1" || true; } 2>/dev/null
    printf '%s' "$line"
}

random_hex() { od -An -v -N "$1" -tx1 /dev/urandom | tr -d ' \n'; }

# lock FD NAME: true when this process now holds the lock; the kernel lets go of it however the process ends.
lock() {
    command -v flock >/dev/null || fail "flock is missing: apt-get install -y util-linux"
    make_folder "$state"
    { eval "exec $1>>\"\$state/$2.lock\""; } 2>/dev/null || fail "cannot write $state/$2.lock"
    flock -n "$1"
}

is_port_open() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
