# shellcheck shell=bash
# bench: a cluster with PostgreSQL's own settings (a commit waits for the disk), and the benchmark that was asked for.

readonly bench_cluster=$state/bench/pg

command_bench() {
    [[ $# -le 1 ]] || misuse "bench takes one name: ./todoflow bench --help"
    lock 8 bench || fail "another ./todoflow bench of this checkout is running"
    trap on_bench_exit EXIT
    trap 'trap "" INT TERM HUP; exit 130' INT
    trap 'trap "" INT TERM HUP; exit 143' TERM HUP
    require_dotnet
    remove_cluster "$bench_cluster"
    build bench bench/TodoFlow.Bench.csproj 'shared functions host bench tests/Support' true -p:RunAnalyzers=false
    if [[ ${1:-} == start ]]; then
        publish_host
        export TODOFLOW_BENCH_PUBLISHED=$state/published
    fi
    make_folder "$state/bench"
    prepare_cluster "$bench_cluster" SUPERUSER
    start_cluster "$bench_cluster" "-c max_connections=300"
    TODOFLOW_BENCH_POSTGRES=$(connection_string "$bench_cluster" postgres)
    export TODOFLOW_BENCH_POSTGRES
    run_step - dotnet "$root/bench/bin/Standalone/Release/net10.0/TodoFlow.Bench.dll" "$@"
}

on_bench_exit() {
    local status=$?
    trap '' INT TERM HUP
    end_step
    remove_cluster "$bench_cluster"
    exit "$status"
}
