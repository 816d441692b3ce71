# shellcheck shell=bash
# Asks the package feed, once, for the two worker packages that some feeds lack. The answer is a property that
# Directory.Build.props imports: where they are missing, host/Worker declares their attributes.

ask_feed() {
    local versions answer=$state/feed.props work=$state/feed log=$state/logs/feed.log declare=false
    versions=$(grep -oE 'Worker\.Extensions\.(Kafka|SignalRService)" Version="[^"]+' "$root/Directory.Packages.props" | sed 's/.*Extensions\.//; s/" Version="/ /')
    grep -qsF -- "<!-- ${versions//$'\n'/, } -->" "$answer" && return 0
    make_folder "$state/logs"
    make_folder "$work"
    write_feed_question "$work" "$versions"
    if ! run_step "$log" dotnet restore "$work/feed.csproj" --disable-build-servers -v quiet -nologo -tl:off; then
        grep -qE 'NU110[123]' "$log" || fail_step "asking the package feed" "$log"
        say "the package feed lacks the worker's Kafka or SignalR extension: host/Worker declares their attributes"
        declare=true
    fi
    rm -rf -- "$work"
    write_file "$answer" "<Project>
  <!-- ${versions//$'\n'/, } -->
  <PropertyGroup>
    <DeclareWorkerExtensions>$declare</DeclareWorkerExtensions>
  </PropertyGroup>
</Project>"
}

# A project that only downloads, shielded from the checkout's own settings.
write_feed_question() {
    local work=$1 file name version
    for file in Directory.Build.props Directory.Build.targets Directory.Packages.props; do
        printf '<Project />\n' >"$work/$file"
    done
    {
        printf '<Project Sdk="Microsoft.NET.Sdk">\n  <PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup>\n  <ItemGroup>\n'
        while read -r name version; do
            printf '    <PackageDownload Include="Microsoft.Azure.Functions.Worker.Extensions.%s" Version="[%s]" />\n' "$name" "$version"
        done <<<"$2"
        printf '  </ItemGroup>\n</Project>\n'
    } >"$work/feed.csproj"
}
