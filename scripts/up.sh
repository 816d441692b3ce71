# shellcheck shell=bash
# ./todoflow up: what it starts, watches and restarts.

readonly run=$state/run # what a running up wrote about itself: data, environment
readonly app=$state/app # a copy of the build's output, so that the next build cannot pull files from under the host
host_pid='' cluster='' cluster_port='' watcher='' is_up=''

command_up() {
    local port=8080 data=$state/pg
    while [[ $# -gt 0 ]]; do
        case $1 in
        --port | --data) [[ $# -gt 1 ]] || misuse "$1 lacks its value: ./todoflow up --help" ;;
        *) misuse "unknown option '$1': ./todoflow up --help lists them" ;;
        esac
        if [[ $1 == --port ]]; then port=$2; else data=$2; fi
        shift 2
    done
    if [[ ! $port =~ ^[1-9][0-9]{0,4}$ ]] || ((port > 65535)); then
        misuse "--port takes a number from 1 to 65535, not '$port'"
    fi
    [[ -n $data ]] || misuse "--data takes a folder"
    data=$(realpath -m -- "$data")

    lock 9 up || fail "./todoflow up is running already on $(running_up | cut -d ' ' -f 2): ./todoflow down stops it"
    printf '%s\n' "$$ http://127.0.0.1:$port" >"$state/up.lock"
    trap on_exit EXIT
    trap 'on_signal 130' INT
    trap 'on_signal 143' TERM HUP
    end_leftovers
    if is_port_open "$port"; then fail "port $port is in use: choose another with ./todoflow up --port N"; fi
    make_folder "$run"
    require_dotnet
    choose_database "$data"
    choose_signing_key
    choose_transport
    skip_drain
    save_environment
    choose_page
    build_host
    prepare_database
    start_host "$port"
    greet "http://127.0.0.1:$port"
    watch_host
}

# The process id and the address of the up that holds the lock. It writes them as soon as it does; those of one that was killed
# may stand there until then.
running_up() {
    local pid='' address=
    for _ in {1..50}; do
        read -r pid address <"$state/up.lock" || true
        [[ -n $pid && -d /proc/$pid ]] && break
        sleep 0.1
    done
    printf '%s' "$pid $address"
}

on_signal() {
    trap '' INT TERM HUP
    [[ -n $is_up ]] || exit "$1"
    say "stopping; the data stays"
    exit 0
}

on_exit() {
    local status=$?
    trap '' INT TERM HUP
    end_step
    end_page
    [[ -z $watcher ]] || kill "$watcher" 2>/dev/null || true
    [[ -z $host_pid ]] || end_group "$host_pid" 35
    [[ -z $cluster ]] || end_cluster "$cluster"
    rm -rf -- "$run"
    exit "$status"
}

build_host() { build host host/TodoFlow.Host.csproj 'shared functions host' install_app -p:RunAnalyzers=false; }

# Copies the build's output to where it runs from.
install_app() {
    rm -rf -- "$app"
    cp -a -- "$root/host/bin/Release/net10.0" "$app" 2>"$state/logs/build.log" ||
        fail_step "copying the build" "$state/logs/build.log"
}

# The host looks for the page's files with each request, so the page may come later; its folder has to be there.
choose_page() {
    [[ -z ${Web__Root:-} ]] || return 0
    make_folder "$page"
    export Web__Root=$page
    begin_page "$run/page" up
}

choose_database() {
    [[ -z ${ConnectionStrings__TodoFlow:-} ]] || return 0
    cluster=$1
    write_file "$run/data" "$cluster"
    prepare_cluster "$cluster" NOSUPERUSER
    start_cluster "$cluster"
    cluster_port=$(port_of "$cluster")
    ConnectionStrings__TodoFlow=$(connection_string "$cluster" todoflow)
    export ConnectionStrings__TodoFlow
}

choose_signing_key() {
    [[ -z ${Auth__SigningKeys__0__Key:-} ]] || return 0
    [[ -s $state/signing-key ]] || write_file "$state/signing-key" "$(head -c 48 /dev/urandom | base64 -w 0)"
    Auth__SigningKeys__0__Id=local
    Auth__SigningKeys__0__Key=$(first_line "$state/signing-key")
    export Auth__SigningKeys__0__Id Auth__SigningKeys__0__Key
}

# Nobody balances requests over this host and another: it stops at once.
skip_drain() {
    export Host__DrainTime=${Host__DrainTime:-00:00:00}
}

choose_transport() {
    [[ -n ${Kafka__Brokers:-} || -n ${Events__Transport:-} ]] || export Events__Transport=postgres
}

# For the commands that talk to the same database later.
save_environment() {
    (umask 077 && env -0 | grep -zE '^(ConnectionStrings|Auth|Events|Kafka)__' >"$run/environment") ||
        fail "cannot write $run/environment"
}

# Migrates, and adds the demo user on the very first start: its password is shown then, and never again.
prepare_database() {
    local log=$state/logs/migrate.log password status=0
    local -r user_exists=3 # what "users add" exits with then
    say "migrating the database"
    run_step "$log" dotnet "$app/TodoFlow.Host.dll" migrate || fail_step "the migration" "$log" "${cluster:-$state}"
    password=$(dotnet "$app/TodoFlow.Host.dll" users add "$demo_user" </dev/null 2>"$log") || status=$?
    case $status in
    0) say "added the user $demo_user; the password is shown this once: $password" ;;
    "$user_exists") ;;
    *) fail_step "adding the demo user" "$log" "${cluster:-$state}" ;;
    esac
}

start_host() {
    local port=$1 log=$state/logs/host.log
    say "starting the host"
    set -m
    env -C "$app" dotnet "$app/TodoFlow.Host.dll" serve --urls "http://127.0.0.1:$port" \
        </dev/null >"$log" 2>&1 7>&- 8>&- 9>&- &
    host_pid=$!
    set +m
    for _ in {1..600}; do
        [[ $(http_status "$port" /health/ready) == 200 ]] && break
        kill -0 "$host_pid" 2>/dev/null || fail_step "the host" "$log" "${cluster:-$state}"
        sleep 0.1
    done
    [[ $(http_status "$port" /health/ready) == 200 ]] || fail_step "the host was not ready within a minute: its start" "$log"
    is_up=yes
}

http_status() {
    local status=
    {
        exec 3<>"/dev/tcp/127.0.0.1/$1" &&
            printf 'GET %s HTTP/1.1\r\nHost: 127.0.0.1:%s\r\nConnection: close\r\n\r\n' "$2" "$1" >&3 &&
            read -r -t 5 _ status _ <&3
        exec 3>&-
    } 2>/dev/null || true
    printf '%s' "$status"
}

greet() {
    local address=$1 self=./todoflow code
    [[ $PWD == "$root" ]] || self=$(printf '%q' "$root/todoflow")
    code=$(dotnet "$app/TodoFlow.Host.dll" sign-in-code "$demo_user" </dev/null 2>/dev/null) || code=
    greet_page "$address" "${code:+#sign-in=$code}"
    say "TodoFlow is up on $address (its log: .todoflow/logs/host.log); Ctrl-C stops it. Try, in another terminal:"
    cat <<EOF
  curl -H "Authorization: Bearer \$($self token)" -H 'Content-Type: application/json' -d '{"title": "Buy milk"}' $address/api/tasks
  curl -H "Authorization: Bearer \$($self token)" $address/api/tasks
  curl -H "Authorization: Bearer \$($self token)" -H 'Content-Type: application/json' -d '{"query": "milk"}' $address/api/tasks/search
EOF
}

# The page's address, or why there is no page. Where it is still being built, its job says later what became of it.
greet_page() {
    local address=$1/$2 hint=''
    [[ -z $2 ]] || hint=" (it signs $demo_user in, once, within 15 minutes; another: ./todoflow link)"
    if [[ -z $page_job ]]; then
        [[ ! -e $Web__Root/index.html ]] || say "open $address$hint"
        return 0
    fi
    mkdir -p -- "$run/page.awaited"
    case $(first_line "$run/page") in
    built) say "open $address$hint" ;;
    '') say "open $address in a moment, the page is being built$hint" ;;
    *) show_page ;;
    esac
}

# Waits until the host ends. The private PostgreSQL is started again when it ends before that.
watch_host() {
    local status=0 restarts=0 since=$SECONDS
    while watch_cluster; do
        status=0
        # shellcheck disable=SC2086 # none where there is no private cluster
        wait -n "$host_pid" $watcher || status=$?
        kill -0 "$host_pid" 2>/dev/null || break
        ((SECONDS - since < 60)) || restarts=0 since=$SECONDS
        ((++restarts <= 3)) ||
            fail_step "PostgreSQL ended $restarts times within a minute: it" "$state/logs/postgres-ended.log" "$cluster"
        restart_cluster
    done
    host_pid=''
    fail_step "the host ended by itself (exit code $status) and" "$state/logs/host.log" "${cluster:-$state}"
}

# Lets a process wait, as the watcher, for the end of the private cluster's server.
watch_cluster() {
    watcher=''
    [[ -n $cluster ]] || return 0
    tail --pid="$(first_line "$cluster/postmaster.pid")" -f /dev/null 7>&- 8>&- 9>&- &
    watcher=$!
}

# On the same port: the host knows no other.
restart_cluster() {
    cp -- "$cluster/server.log" "$state/logs/postgres-ended.log" 2>/dev/null || true
    say "PostgreSQL ended by itself (its log: .todoflow/logs/postgres-ended.log): starting it again"
    start_cluster "$cluster" '' "$cluster_port"
    say "PostgreSQL runs again"
}
