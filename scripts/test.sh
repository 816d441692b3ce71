# shellcheck shell=bash
# test: a throw-away cluster, the test run, and the line that sums it up.

readonly test_cluster=$state/test/pg

command_test() {
    [[ $# -le 1 ]] || misuse "test takes one filter: ./todoflow test --help"
    lock 8 test || fail "another ./todoflow test of this checkout is running"
    trap on_test_exit EXIT
    trap 'trap "" INT TERM HUP; exit 130' INT
    trap 'trap "" INT TERM HUP; exit 143' TERM HUP
    require_dotnet
    make_folder "$state/test"
    begin_page "$state/test/page" test
    remove_cluster "$test_cluster"
    build_tests
    export TODOFLOW_TEST_PUBLISHED=$state/published TODOFLOW_TEST_FUNCTIONS=$state/published-functions
    prepare_cluster "$test_cluster" SUPERUSER --no-sync
    # Nothing of it has to survive a crash, so it waits for no disk.
    start_cluster "$test_cluster" "-c fsync=off -c full_page_writes=off -c synchronous_commit=off -c max_connections=300"
    TODOFLOW_TEST_POSTGRES=$(connection_string "$test_cluster" postgres)
    export TODOFLOW_TEST_POSTGRES
    run_tests "${1:-}"
}

on_test_exit() {
    local status=$?
    trap '' INT TERM HUP
    end_step
    end_page
    remove_cluster "$test_cluster"
    [[ -z ${summary:-} ]] || printf '%s\n' "$summary"
    exit "$status"
}

# The summary is printed by on_test_exit, when everything is stopped: nothing may follow it.
run_tests() {
    local filter=$1 results=$state/test/results status=0 counters passed failed skipped
    # Code that is compiled would be mapped twice, once to write it: system time, for a safety that tests do not need. Threads that have
    # nothing to do sleep at once, as in the hosts.
    local -a runner=(env DOTNET_EnableWriteXorExecute=0 DOTNET_ThreadPool_UnfairSemaphoreSpinLimit=0 dotnet test "$root/tests/bin/Release/net10.0/TodoFlow.Tests.dll" --nologo
        --results-directory "$results" --logger 'trx;LogFileName=results.trx' --logger 'console;verbosity=minimal')
    [[ -z $filter ]] || runner+=(--filter "$filter")
    rm -rf -- "$results"
    run_step - "${runner[@]}" || status=$?
    show_parts "$results/results.trx"
    counters=$(grep -o '<Counters [^>]*>' "$results/results.trx" 2>/dev/null) || counters=
    passed=$(counter passed "$counters")
    failed=$(($(counter failed "$counters") + $(counter error "$counters") + $(counter timeout "$counters") + $(counter aborted "$counters")))
    skipped=$(($(counter total "$counters") - passed - failed))
    if ((status != 0 && failed == 0)); then
        say "the test run broke off (exit code $status): it counts as one failure" >&2
        failed=1
    elif ((passed + failed == 0)); then
        say "no test ran${filter:+: nothing matches $filter}" >&2
        status=1
    fi
    summary="$passed passed, $failed failed"
    ((skipped == 0)) || summary+=", $skipped skipped"
    exit "$status"
}

# How long the tests of each part took, added up: several run at once.
show_parts() {
    [[ -e $1 ]] || return 0
    say "the tests took, by part, in seconds of test time:"
    grep -o '<UnitTestResult [^>]*>' "$1" | awk '
        match($0, / testName="[^"]*"/) {
            split(substr($0, RSTART + 11, RLENGTH - 12), name, ".")
            part = name[3] == "Integration" ? name[3] "." name[4] : name[3]
            if (match($0, / duration="[^"]*"/)) {
                split(substr($0, RSTART + 11, RLENGTH - 12), time, ":")
                seconds[part] += time[1] * 3600 + time[2] * 60 + time[3]
                tests[part]++
            }
        }
        END { for (part in tests) printf "  %7.1f  %-32s %d tests\n", seconds[part], part, tests[part] }' | LC_ALL=C sort -rn
}

counter() {
    local value
    value=$(sed -nE "s/.* $1=\"([0-9]+)\".*/\1/p" <<<"$2")
    printf '%s' "${value:-0}"
}
