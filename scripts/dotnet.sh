# shellcheck shell=bash
# Finds the .NET SDK and builds, only when a source changed since the last build.

# TodoFlow is built for the invariant culture, and the SDK is content with it where the machine has no ICU.
export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_CLI_UI_LANGUAGE=en DOTNET_GENERATE_ASPNET_CERTIFICATE=false

require_dotnet() {
    if ! command -v dotnet >/dev/null && [[ -x $HOME/.dotnet/dotnet ]]; then
        export DOTNET_ROOT=$HOME/.dotnet PATH=$HOME/.dotnet:$PATH
    fi
    if ! command -v dotnet >/dev/null || ! dotnet --list-sdks | grep -q '^10\.'; then
        fail "the .NET SDK 10 is missing: curl -fsSL https://dot.net/v1/dotnet-install.sh | bash -s -- --channel 10.0"
    fi
    require_time_zones
}

# Minimal systems come without the time zones that due dates are computed in.
require_time_zones() {
    [[ ! -e /usr/share/zoneinfo/Europe/Berlin ]] || return 0
    if ! can_install; then
        fail "the time zone database is missing: sudo apt-get install -y tzdata"
    fi
    say "installing the time zone database (apt-get install tzdata)"
    make_folder "$state/logs"
    run_step "$state/logs/apt.log" apt_install tzdata || fail_step "apt-get install tzdata" "$state/logs/apt.log"
}

# One line that changes when a file under the named folders, or a build setting, is added, edited or removed.
fingerprint_of() {
    {
        cd "$root" || exit
        find "$@" \( -name bin -o -name obj -o -name node_modules -o -name dist \) -prune -o -type f -printf '%p %T@ %s\n'
        find . -maxdepth 1 -type f \( -name '*.props' -o -name '*.json' -o -name '*.config' -o -name '*.sln' -o \
            -name .editorconfig \) -printf '%p %T@ %s\n'
        dotnet --version
    } | LC_ALL=C sort | sha256sum | cut -d ' ' -f 1
}

# build NAME PROJECT FOLDERS AFTERWARDS [OPTION...]: a Release build of a project or solution whose sources are in the
# folders, then a function to call.
build() {
    local name=$1 project=$2 folders=$3 afterwards=$4 log=$state/logs/build.log fingerprint began=$SECONDS
    shift 4
    [[ $root != *[\"%]* ]] || fail "the .NET SDK cannot build in a folder whose path has a \" or a %: move $root"
    make_folder "$state/logs"
    # shellcheck disable=SC2086 # a list of plain names
    fingerprint=$(fingerprint_of $folders)
    [[ $(first_line "$state/$name.built") == "$fingerprint" ]] && return 0
    lock 7 build || { say "waiting for another build of this checkout"; flock 7; }
    ask_feed
    rm -f -- "$state/$name.built"
    say "building the $name"
    compile "$log" "$root/$project" "$@" || fail_step "the build" "$log"
    "$afterwards"
    write_file "$state/$name.built" "$fingerprint"
    say "built the $name in $((SECONDS - began)) s"
    exec 7>&-
}

# compile LOG PROJECT [OPTION...]: one build. Its projects share one compiler, so that the analyzers are loaded and compiled once;
# it is a process that would wait for other builds, so it is this build's own and is ended with it.
compile() {
    local log=$1 compiler=todoflow-$$-$SECONDS status=0
    shift
    run_step "$log" dotnet build "$@" -c Release -nodeReuse:false -p:UseSharedCompilation=true "-p:SharedCompilationId=$compiler" \
        -v quiet -nologo -tl:off || status=$?
    end_rest
    rm -f -- "${TMPDIR:-/tmp}/$compiler" # its socket
    return "$status"
}

# What the tests run: the solution, and of the same assemblies the host and the function app, as their images have them.
build_tests() {
    local platform
    platform=-p:PublishFor=$(platform)
    build tests TodoFlow.sln 'shared functions host tests bench' true "$platform"
    await_page # what is published has it
    publish published-host host/TodoFlow.Host.csproj 'shared functions host' "$state/published" "$platform"
    share_compiled_ahead
    publish published-functions functions/TodoFlow.Functions.csproj 'shared functions host/Worker' "$state/published-functions" "$platform"
}

# The function app has the host's assemblies, so what was compiled ahead for the one serves the other.
share_compiled_ahead() {
    local from=$root/host/obj/Release/net10.0/R2R to=$root/functions/obj/Release/net10.0
    [[ ! -d $from ]] || { mkdir -p -- "$to" && cp -a -- "$from" "$to/"; } || fail "cannot write $to"
}

# publish NAME PROJECT FOLDERS DIR OPTION...: builds a project, compiled ahead, into DIR, as build does.
publish() {
    local name=$1 project=$2 folders=$3 dir=$4
    shift 4
    build "$name" "$project" "$folders" true -t:Publish -p:_IsPublishing=true "-p:PublishDir=$dir/" "$@"
}

# publish_image NAME PROJECT FOLDERS DIR: publishes with .NET in it, as the host's image has it. What it compiles, no other build
# takes up.
publish_image() {
    publish "$@" -p:RunAnalyzers=false "-p:RuntimeIdentifier=$(platform)" -p:SelfContained=true -p:OutputFolder=published-self-contained
}

# The platform of this machine, as .NET calls it.
platform() { if [[ $(uname -m) == aarch64 ]]; then printf linux-arm64; else printf linux-x64; fi; }
