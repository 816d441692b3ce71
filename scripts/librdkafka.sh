# shellcheck shell=bash
# Confluent.Kafka loads the native librdkafka from the package librdkafka.redist. Where the package feed lacks that, it is
# built here, once, from Confluent's own source, which the npm package of their JavaScript client carries.

readonly librdkafka_version=2.15.1
readonly librdkafka_source=@confluentinc/kafka-javascript@1.10.1

# The build leaves nothing but the package, in a folder that Directory.Build.props names to restore as a source.
provide_librdkafka() {
    local package=librdkafka.redist.$librdkafka_version.nupkg
    local cached=${NUGET_PACKAGES:-$HOME/.nuget/packages}/librdkafka.redist/$librdkafka_version
    [[ -e $cached/$package || -e $state/packages/$package ]] && return 0
    local work=$state/librdkafka log=$state/logs/librdkafka.log
    make_folder "$state/logs"
    rm -rf -- "$work"
    make_folder "$work"
    write_project "$work"
    if ! feed_has_librdkafka "$work" "$log"; then
        require_native_tools
        say "building librdkafka $librdkafka_version, which the package feed lacks (once, a minute or two)"
        run_step "$log" build_librdkafka "$work" || fail_step "building librdkafka" "$log"
        make_folder "$state/packages"
        mv -f -- "$work/$package" "$state/packages/"
    fi
    rm -rf -- "$work"
}

# A restore that only downloads; success leaves the package in the folder that is looked at first.
feed_has_librdkafka() {
    run_step "$2" dotnet restore "$1/restore/restore.csproj" --disable-build-servers -v quiet -nologo -tl:off && return 0
    grep -qE 'NU110[123]' "$2" && return 1
    fail_step "asking the package feed" "$2"
}

write_project() {
    local work=$1 file
    mkdir "$work/restore" "$work/pack"
    for file in Directory.Build.props Directory.Build.targets Directory.Packages.props; do
        printf '<Project />\n' >"$work/$file" # shields both projects from the checkout's own
    done
    cat >"$work/restore/restore.csproj" <<EOF
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup>
  <ItemGroup><PackageDownload Include="librdkafka.redist" Version="[$librdkafka_version]" /></ItemGroup>
</Project>
EOF
    cat >"$work/pack/librdkafka.redist.csproj" <<EOF
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <TargetFramework>net10.0</TargetFramework>
    <PackageId>librdkafka.redist</PackageId>
    <Version>$librdkafka_version</Version>
    <Description>librdkafka, built from source by ./todoflow</Description>
    <PackageLicenseExpression>BSD-2-Clause</PackageLicenseExpression>
    <IncludeBuildOutput>false</IncludeBuildOutput>
    <SuppressDependenciesWhenPacking>true</SuppressDependenciesWhenPacking>
    <NoWarn>NU5128</NoWarn>
  </PropertyGroup>
  <ItemGroup><None Include="runtimes/**" Pack="true" PackagePath="runtimes" /></ItemGroup>
</Project>
EOF
}

require_native_tools() {
    local -a missing=()
    local tool
    for tool in npm gcc make; do
        command -v "$tool" >/dev/null || missing+=("$tool")
    done
    [[ -e /usr/include/openssl/ssl.h ]] || missing+=(libssl-dev)
    [[ -e /usr/include/zlib.h ]] || missing+=(zlib1g-dev)
    [[ ${#missing[@]} == 0 ]] && return 0
    [[ " ${missing[*]} " == *' gcc '* ]] && missing+=(libc6-dev)
    if [[ $EUID != 0 ]] || ! command -v apt-get >/dev/null; then
        fail "librdkafka must be built here, and that needs: sudo apt-get install -y --no-install-recommends ${missing[*]}"
    fi
    say "installing what the build of librdkafka needs (apt-get install ${missing[*]})"
    run_step "$state/logs/apt.log" apt_install "${missing[@]}" || fail_step "apt-get install" "$state/logs/apt.log"
}

build_librdkafka() {
    local work=$1 architecture native
    case $(uname -m) in
    x86_64) architecture=x64 ;;
    aarch64) architecture=arm64 ;;
    *) echo "no package folder is known for this machine: $(uname -m)"; return 1 ;;
    esac
    native=$work/pack/runtimes/linux-$architecture/native
    mkdir -p "$native" &&
        cd "$work" &&
        npm pack --silent "$librdkafka_source" &&
        tar -xzf ./*kafka-javascript*.tgz package/deps/librdkafka &&
        cd package/deps/librdkafka &&
        CXX=gcc ./configure --disable-curl && # asks for a C++ compiler, for parts that are not built here
        make -C src -j"$(nproc)" librdkafka.so.1 &&
        strip --strip-unneeded -o "$native/librdkafka.so" src/librdkafka.so.1 &&
        dotnet pack "$work/pack" -o "$work" --disable-build-servers -v quiet -nologo -tl:off
}
