# shellcheck shell=bash
# Private PostgreSQL clusters: made by initdb, run by pg_ctl, never the system's own cluster.

# Set by use_postgres: the folder of the programs, their major version, and how to become their user.
pg_bin='' pg_major='' pg_user=()

readonly oldest_postgres=15

postgres_bins() {
    local found
    if found=$(command -v initdb); then dirname "$(readlink -f "$found")"; fi
    printf '%s\n' /usr/lib/postgresql/*/bin /usr/pgsql-*/bin | sort -t / -k 5 -rV
}

# use_postgres DIR: chooses the server programs, those of the version that made DIR when it holds a cluster.
use_postgres() {
    local dir=$1 wanted bin major newest=
    wanted=$(cluster_version "$dir")
    find_postgres "$wanted" || { install_postgres; find_postgres "$wanted" || true; }
    [[ -n $pg_bin ]] && return 0
    while read -r bin; do
        if major=$(major_of "$bin") && [[ -z $newest ]]; then newest=$major; fi
    done < <(postgres_bins)
    [[ -n $wanted && -n $newest ]] &&
        fail "$dir holds data of PostgreSQL $wanted, but PostgreSQL $newest is installed: apt-get install -y postgresql-$wanted, or choose another folder with --data"
    [[ -n $newest ]] && fail "PostgreSQL $newest is too old, $oldest_postgres is needed: apt-get install -y postgresql"
    fail "the PostgreSQL server programs are missing: sudo apt-get install -y postgresql"
}

find_postgres() {
    local wanted=$1 bin major
    while read -r bin; do
        major=$(major_of "$bin") || continue
        if ((major < oldest_postgres)) || [[ -n $wanted && $major != "$wanted" ]]; then continue; fi
        pg_bin=$bin pg_major=$major
        return 0
    done < <(postgres_bins)
    return 1
}

major_of() {
    [[ -x $1/initdb && -x $1/postgres && -x $1/pg_ctl ]] || return 1
    "$1/postgres" --version | sed -nE 's/^[^0-9]*([0-9]+).*/\1/p'
}

# Debian starts a system cluster on installation unless it is told not to; TodoFlow needs the programs only.
install_postgres() {
    can_install || return 0
    compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null && return 0
    say "installing the PostgreSQL server programs (apt-get install postgresql)"
    make_folder "$state/logs"
    local log=$state/logs/apt.log quiet=/etc/postgresql-common/createcluster.d/todoflow.conf
    run_step "$log" apt_install postgresql-common || fail_step "apt-get install postgresql-common" "$log"
    mkdir -p "${quiet%/*}" && printf 'create_main_cluster = false\n' >"$quiet"
    run_step "$log" apt_install postgresql || { rm -f "$quiet"; fail_step "apt-get install postgresql" "$log"; }
    rm -f "$quiet"
}

cluster_version() { first_line "$1/PG_VERSION"; }

# use_postgres_user DIR: the server refuses to run as root, so as root it runs as the owner of its data. That user
# cannot walk into a checkout under /root; then it keeps the one capability that lets it.
use_postgres_user() {
    local dir=$1 user capability
    pg_user=()
    [[ $EUID == 0 ]] || return 0
    command -v setpriv >/dev/null || fail "setpriv is missing: apt-get install -y util-linux"
    user=$(stat -c %U -- "$dir")
    if [[ $user == root ]]; then
        [[ -z $(ls -A -- "$dir") ]] || fail "$dir is not empty and holds no cluster: choose another folder with --data"
        if id postgres >/dev/null 2>&1; then user=postgres; else user=nobody; fi
        chown -- "$user" "$dir" || fail "cannot give $dir to the user $user"
    fi
    for capability in '' ,+dac_read_search ,+dac_override; do
        pg_user=(setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups --no-new-privs
            --bounding-set="-all$capability" --inh-caps="-all$capability")
        [[ -z $capability ]] || pg_user+=(--ambient-caps="-all$capability")
        "${pg_user[@]}" ls -- "$dir" >/dev/null 2>&1 && return 0
    done
    fail "PostgreSQL runs as the user $user, who cannot reach $dir: choose another folder with --data"
}

# prepare_cluster DIR ROLE_ATTRIBUTES [INITDB_OPTION...]: DIR holds a whole cluster with the role and database
# "todoflow" afterwards. A set-up that was cut off is known by a note and starts again.
prepare_cluster() {
    local dir=$1 attributes=$2 note=$state/unfinished-cluster
    shift 2
    use_postgres "$dir"
    make_folder "$dir"
    if [[ $(first_line "$note") == "$dir" ]]; then
        find "$dir" -mindepth 1 -delete
        rm -f "$note"
    fi
    use_postgres_user "$dir"
    if [[ -z $(cluster_version "$dir") ]]; then
        [[ -z $(ls -A -- "$dir") ]] || fail "$dir is not empty and holds no cluster: choose another folder with --data"
        say "making a PostgreSQL $pg_major cluster in ${dir#"$root"/}"
        write_file "$note" "$dir"
        init_cluster "$dir" "$attributes" "$@"
        rm -f "$note"
    elif [[ ! -e $dir/todoflow.password ]]; then
        fail "$dir holds a PostgreSQL cluster that is not TodoFlow's: choose another folder with --data"
    fi
}

# The superuser can log in nowhere; the role "todoflow" can, from this machine, with its password.
init_cluster() {
    local dir=$1 attributes=$2 password log=$state/logs/initdb.log
    shift 2
    make_folder "$state/logs"
    password=$(random_hex 24)
    run_step "$log" "${pg_user[@]}" "$pg_bin/initdb" -D "$dir" -U postgres -A reject -E UTF8 --locale=C.UTF-8 "$@" ||
        fail_step initdb "$log" "$dir"
    run_step "$log" define_role "$dir" "$attributes" "$password" || fail_step "setting up the cluster" "$log" "$dir"
}

define_role() {
    local dir=$1 attributes=$2 password=$3
    printf '%s\n' 'host all todoflow 127.0.0.1/32 scram-sha-256' | "${pg_user[@]}" tee "$dir/pg_hba.conf" &&
        printf '%s;\n' "CREATE ROLE todoflow LOGIN $attributes PASSWORD '$password'" 'CREATE DATABASE todoflow OWNER todoflow' |
        "${pg_user[@]}" "$pg_bin/postgres" --single -c exit_on_error=true -D "$dir" postgres &&
        (umask 077 && printf '%s\n' "$password" | "${pg_user[@]}" tee "$dir/todoflow.password" >/dev/null)
}

# start_cluster DIR [SERVER_OPTIONS] [PORT]: starts it on a port of 127.0.0.1, a free one unless it is named. pg_ctl hands its
# arguments to a shell, which would read a "$" or a quote in DIR: so it is called in DIR, and told of "." only.
start_cluster() {
    local dir=$1 options=${2:-} port=${3:-} log=$state/logs/postgres-start.log
    make_folder "$state/logs"
    end_cluster "$dir"
    for _ in 1 2 3 4 5; do
        "${pg_user[@]}" rm -f -- "$dir/server.log"
        run_step "$log" env -C "$dir" "${pg_user[@]}" "$pg_bin/pg_ctl" start -D . -w -t 300 -s -l server.log \
            -o "-p ${port:-$(free_port)} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' $options" && return 0
        cat -- "$dir/server.log" >>"$log" 2>/dev/null || true
        grep -q 'could not bind' "$log" || break
    done
    fail_step "starting PostgreSQL" "$log" "$dir"
}

# Below the range that the kernel hands out to clients.
free_port() {
    local port
    while :; do
        port=$((20000 + RANDOM % 12000))
        is_port_open "$port" || break
    done
    printf '%s' "$port"
}

# port_of DIR: where a cluster that runs listens.
port_of() { sed -n 4p "$1/postmaster.pid"; }

# connection_string DIR DATABASE: of a cluster that runs.
connection_string() {
    printf 'Host=127.0.0.1;Port=%s;Database=%s;Username=todoflow;Password=%s' "$(port_of "$1")" "$2" "$(first_line "$1/todoflow.password")"
}

# The processes of a cluster: the server's and its children's working folder is the data folder.
cluster_processes() {
    local process
    for process in /proc/[0-9]*; do
        if [[ $process/cwd -ef $1 && $(first_line "$process/comm") == postgres ]]; then printf '%s\n' "${process#/proc/}"; fi
    done
}

# end_cluster DIR [MODE]: stops the cluster, however it was started and whatever is left of it.
end_cluster() {
    local dir=$1 mode=${2:-fast} pids
    [[ -e $dir/postmaster.pid ]] || return 0
    if [[ -n $(cluster_processes "$dir") ]]; then
        "${pg_user[@]}" "$pg_bin/pg_ctl" stop -D "$dir" -m "$mode" -t 30 -s >/dev/null 2>&1 || true
    fi
    for _ in {1..50}; do
        mapfile -t pids < <(cluster_processes "$dir")
        [[ ${#pids[@]} == 0 ]] && break
        kill -QUIT "${pids[@]}" 2>/dev/null || true # an immediate shutdown; children without their server leave too
        sleep 0.1
    done
    mapfile -t pids < <(cluster_processes "$dir")
    [[ ${#pids[@]} == 0 ]] || kill -KILL "${pids[@]}" 2>/dev/null || true
    # The server removes a stale lock file itself, unless its process id is another program's by now.
    if kill -0 "$(first_line "$dir/postmaster.pid")" 2>/dev/null; then rm -f -- "$dir/postmaster.pid"; fi
}

# Stops a throw-away cluster, where it runs, and deletes it.
remove_cluster() {
    local cluster=$1
    [[ -d $cluster ]] || return 0
    if [[ -e $cluster/postmaster.pid ]]; then
        use_postgres "$cluster"
        use_postgres_user "$cluster"
        end_cluster "$cluster" immediate
    fi
    rm -rf -- "$cluster"
}
