# shellcheck shell=bash
# The commands that pass on to the host.

# Runs a command of the host against what up runs, or against the database that the environment names.
run_host_command() {
    local line
    if [[ -e $run/environment ]]; then
        while IFS= read -r -d '' line; do export "${line?}"; done <"$run/environment"
    elif [[ -z ${ConnectionStrings__TodoFlow:-} ]]; then
        fail "TodoFlow is not running: ./todoflow up"
    fi
    [[ -e $app/TodoFlow.Host.dll ]] || fail "TodoFlow is not built yet: ./todoflow up"
    require_dotnet
    choose_signing_key
    exec dotnet "$app/TodoFlow.Host.dll" "$@"
}

command_token() {
    [[ $# == 0 ]] || misuse "unknown option '$1': ./todoflow token takes none"
    run_host_command token "$demo_user"
}

command_link() {
    [[ $# == 0 ]] || misuse "unknown option '$1': ./todoflow link takes none"
    local code
    code=$(run_host_command sign-in-code "$demo_user") || exit 1
    printf '%s/#sign-in=%s\n' "$(running_up | cut -d ' ' -f 2)" "$code"
}

command_dead_letters() { run_host_command dead-letters "$@"; }

command_sync_epoch() { run_host_command sync-epoch "$@"; }

# Needs nothing but the program: no database, no settings. What it prints is all that goes to stdout.
command_vapid() {
    require_dotnet >&2
    if lock 9 up; then # a running up keeps the copy that it runs from
        build_host >&2
    fi
    exec dotnet "$app/TodoFlow.Host.dll" vapid "$@" 9>&-
}
