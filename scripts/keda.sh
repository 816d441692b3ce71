#!/usr/bin/env bash
# Writes keda/*.yaml: what the chart renders for KEDA with its default values, for people without Helm.
# Needs helm on the PATH, or HELM.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
readonly root
readonly target=${1:-$root/keda}
# What has no default: the names that helm/kafka and a database in the same namespace would have.
readonly values=database.host=postgresql,kafka.brokers=todoflow-kafka-kafka-bootstrap:9092

for template in scaledobject triggerauthentication-postgresql; do
    {
        echo "# Written by scripts/keda.sh from helm/todoflow. Change the chart, not this file."
        "${HELM:-helm}" template todoflow "$root/helm/todoflow" --namespace todoflow --kube-version 1.34.0 --set "$values" \
            --show-only "templates/$template.yaml" | grep -vE '^# Source: |helm.sh/chart|managed-by'
    } >"$target/$template.yaml"
done
