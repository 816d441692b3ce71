# shellcheck shell=bash
# ./todoflow down and clean, and the end of what a killed up left behind.

# The hosts that run from this checkout's copy, whoever started them.
host_processes() {
    grep -lzxF -f - /proc/[0-9]*/cmdline <<<"$app/TodoFlow.Host.dll" 2>/dev/null | cut -d / -f 3
}

# Ends what an up that was killed left running. The lock is held, so nothing of it belongs to a living up.
end_leftovers() {
    local data
    local -a hosts
    mapfile -t hosts < <(host_processes)
    if [[ ${#hosts[@]} -gt 0 ]]; then
        say "stopping the host that a killed ./todoflow up left running"
        kill -TERM "${hosts[@]}" 2>/dev/null || true
        for _ in {1..350}; do
            [[ -n $(host_processes) ]] || break
            sleep 0.1
        done
        mapfile -t hosts < <(host_processes)
        [[ ${#hosts[@]} == 0 ]] || kill -KILL "${hosts[@]}" 2>/dev/null || true
    fi
    for data in "$(first_line "$run/data")" "$state/pg"; do
        [[ -n $data && -e $data/postmaster.pid && -n $(cluster_processes "$data") ]] || continue
        say "stopping the PostgreSQL that a killed ./todoflow up left running"
        use_postgres "$data"
        use_postgres_user "$data"
        end_cluster "$data"
    done
    rm -rf -- "$run"
}

command_down() {
    [[ $# == 0 ]] || misuse "unknown option '$1': ./todoflow down takes none"
    stop_everything
}

stop_everything() {
    if lock 9 up; then
        end_leftovers
        say "nothing of this checkout is running"
    else
        local pid
        pid=$(running_up | cut -d ' ' -f 1)
        kill -TERM "$pid" 2>/dev/null || fail "./todoflow up is running, but cannot be stopped by this user"
        flock -w 90 9 || fail "./todoflow up (process $pid) has not stopped within 90 seconds"
        say "stopped; the data stays"
    fi
}

command_clean() {
    local answer=${1:-}
    [[ $# == 0 || ($# == 1 && $1 == --yes) ]] || misuse "unknown option '$1': ./todoflow clean takes --yes"
    if [[ $answer != --yes ]]; then
        [[ -t 0 ]] || fail "clean deletes the database in .todoflow/: ./todoflow clean --yes"
        read -r -p "Delete .todoflow/ with its database, and the build folders? [y/N] " answer
        [[ $answer == [yY]* ]] || fail "nothing was deleted"
    fi
    stop_everything
    lock 8 test || fail "./todoflow test is running"
    rm -rf -- "$root"/web/{dist,node_modules}
    find "$root"/{shared/*,functions,host,host/Worker,tests,bench,bench/raw-twin} -maxdepth 1 \( -name bin -o -name obj \) \
        -prune -exec rm -rf -- {} + 2>/dev/null || true
    rm -rf -- "$state" || fail "cannot delete all of $state"
    say "deleted .todoflow/ and the build folders"
}
