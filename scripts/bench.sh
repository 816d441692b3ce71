# shellcheck shell=bash
# bench: a throw-away cluster on which a commit waits for the disk, and the benchmark that was asked for.

readonly bench_cluster=$state/bench/pg

# Room for a million tasks in memory, and no checkpoint in the middle of a round.
readonly bench_server="-c max_connections=300 -c shared_buffers=2GB -c max_wal_size=8GB -c checkpoint_timeout=30min -c shared_preload_libraries=pg_stat_statements -c pg_stat_statements.track=none"

command_bench() {
    lock 8 bench || fail "another ./todoflow bench of this checkout is running"
    trap on_bench_exit EXIT
    trap 'trap "" INT TERM HUP; exit 130' INT
    trap 'trap "" INT TERM HUP; exit 143' TERM HUP
    require_dotnet
    remove_cluster "$bench_cluster"
    make_folder "$state/bench"
    if [[ ${1:-} == page ]]; then begin_page "$state/bench/page" test; fi
    build bench bench/TodoFlow.Bench.csproj 'shared functions host bench tests/Support' true -p:RunAnalyzers=false
    if [[ ${1:-} == start ]]; then
        # As the image has it: with .NET in it, compiled as one. That takes minutes.
        publish_image published-image host/TodoFlow.Host.csproj 'shared functions host' "$state/published-image"
        publish_image published-twin bench/raw-twin/TodoFlow.RawTwin.csproj bench/raw-twin "$state/published-twin"
        export TODOFLOW_BENCH_PUBLISHED=$state/published-image TODOFLOW_BENCH_PUBLISHED_TWIN=$state/published-twin
    fi
    await_page
    prepare_cluster "$bench_cluster" SUPERUSER
    start_cluster "$bench_cluster" "$bench_server"
    TODOFLOW_BENCH_POSTGRES=$(connection_string "$bench_cluster" postgres)
    export TODOFLOW_BENCH_POSTGRES
    run_step - dotnet "$root/bench/bin/Release/net10.0/TodoFlow.Bench.dll" "$@"
}

on_bench_exit() {
    local status=$?
    trap '' INT TERM HUP
    end_step
    end_page
    remove_cluster "$bench_cluster"
    exit "$status"
}
