# shellcheck shell=bash
# Installs what is missing, where that is Debian's packages and this user may.

can_install() { [[ $EUID == 0 ]] && command -v apt-get >/dev/null; }

apt_install() {
    export DEBIAN_FRONTEND=noninteractive
    local -a install=(apt-get -o DPkg::Lock::Timeout=120 install -y --no-install-recommends "$@")
    "${install[@]}" || { apt_update && "${install[@]}"; }
}

# One at a time: apt-get does not wait for somebody else's update.
apt_update() { flock "$state/apt.lock" apt-get update; }

# candidate PACKAGE LOG: the version that would be installed; nothing where none is known.
candidate() {
    local version
    version=$(known_candidate "$1")
    if [[ -z $version ]] && apt_update >"$2" 2>&1; then version=$(known_candidate "$1"); fi
    printf '%s' "$version"
}

known_candidate() { apt-cache policy "$1" 2>/dev/null | sed -nE 's/^ *Candidate: ([0-9].*)/\1/p'; }
