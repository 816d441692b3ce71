# shellcheck shell=bash
# The web app: built from web/ with Node, beside everything else. Nothing waits for it, and the API does not need it.

readonly oldest_node=20
readonly page=$state/page # a copy of the build's output, so that the next build cannot pull files from under the host
page_job='' page_result=''

# begin_page RESULT FOR: builds the page in the background, where there is one to build. Its outcome is written to the file RESULT,
# as one line: "built", or why there is none. Node is installed where it is missing and that is possible. FOR "up", the page is copied to where
# that serves it from; FOR "test", Chromium is installed, too.
begin_page() {
    local for=$2
    page_result=$1
    rm -f -- "$page_result"
    [[ -e $root/web/package.json ]] || return 0
    make_folder "$state/logs"
    set -m
    (
        set +m
        make_page "$for"
        [[ ! -d $page_result.awaited ]] || show_page
    ) </dev/null 7>&- 8>&- 9>&- &
    page_job=$!
    set +m
}

# Waits for the page. Fails where its build did.
await_page() {
    [[ -n $page_job ]] || return 0
    wait "$page_job" || true
    page_job=''
    case $(first_line "$page_result") in
    built) ;;
    '' | *failed*) fail_step "the build of the web app" "$state/logs/web.log" ;;
    *) say "$(first_line "$page_result")" ;;
    esac
}

# What became of the page, for whoever reads up's output.
show_page() {
    local result
    result=$(first_line "$page_result")
    if [[ $result == built ]]; then say "the page is there"; else say "no page: $result; the API does not need it"; fi
}

end_page() {
    [[ -z $page_job ]] || end_group "$page_job" 5
    page_job=''
}

make_page() {
    local for=$1 log=$state/logs/web.log fingerprint
    has_node || install_node "$log"
    if ! has_node; then
        write_file "$page_result" "Node $oldest_node or newer is missing, with npm (https://nodejs.org)"
        return 0
    fi
    [[ $for != test ]] || has_browser || install_browser "$state/logs/chromium.log"
    exec 6>>"$state/page.lock"
    flock 6 # of an up and a test at once, one builds
    fingerprint=$(page_fingerprint)
    if [[ ! -e $root/web/dist/index.html || $(first_line "$state/page.built") != "$fingerprint" ]]; then
        rm -f -- "$state/page.built"
        if ! run_npm >"$log" 2>&1 6>&-; then
            write_file "$page_result" "its build failed, .todoflow/logs/web.log says why"
            return 0
        fi
        fingerprint=$(page_fingerprint) # the build itself may have written sources
        write_file "$state/page.built" "$fingerprint"
    fi
    [[ $for != up ]] || copy_page
    exec 6>&-
    write_file "$page_result" built
}

# Of what goes into the page: its tests do not.
page_fingerprint() {
    fingerprint_of web/src web/public web/build web/index.html web/package-lock.json web/vite.config.ts web/tsconfig.json web/tsconfig.sw.json docs/openapi.json
}

# With the least priority: the API goes first.
run_npm() {
    cd "$root/web" || return
    if [[ ! node_modules/.package-lock.json -nt package-lock.json ]]; then
        nice npm ci --ignore-scripts --no-audit --no-fund || return
    fi
    nice npm run build
}

copy_page() {
    rm -rf -- "$page.new" "$page.old"
    cp -a -- "$root/web/dist" "$page.new"
    mv -- "$page" "$page.old"
    mv -- "$page.new" "$page"
    rm -rf -- "$page.old"
}

has_node() {
    local version
    command -v npm >/dev/null && version=$(node --version 2>/dev/null) && [[ $version =~ ^v([0-9]+) ]] && ((BASH_REMATCH[1] >= oldest_node))
}

has_browser() { command -v chromium || command -v chromium-browser || command -v google-chrome; } >/dev/null # as tests/Support/Browser.cs looks

# Debian's, where it is new enough and there is none.
install_node() {
    local log=$1 version
    if ! can_install || command -v node >/dev/null; then return 0; fi
    version=$(candidate nodejs "$log" | sed -nE 's/^([0-9]+:)?([0-9]+).*/\2/p')
    ((${version:-0} >= oldest_node)) || return 0
    say "installing Node for the page (apt-get install nodejs npm)"
    apt_install nodejs npm >"$log" 2>&1 || true
}

# Debian's. Ubuntu has it as a snap only: there it is not installed, and its tests are skipped.
install_browser() {
    local log=$1
    if ! can_install || [[ -z $(candidate chromium "$log") ]]; then return 0; fi
    say "installing Chromium for the tests of the page (apt-get install chromium)"
    apt_install chromium >"$log" 2>&1 || true
}
