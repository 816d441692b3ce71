{{- define "todoflow.name" -}}
{{- if contains "todoflow" .Release.Name }}{{ .Release.Name | trunc 40 | trimSuffix "-" }}{{ else }}{{ printf "%s-todoflow" .Release.Name | trunc 40 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "todoflow.selector" -}}
app.kubernetes.io/name: todoflow
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "todoflow.labels" -}}
{{ include "todoflow.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{/* The functions by group, as the code has them: functions.yaml. */}}
{{- define "todoflow.functions" -}}
{{ .Files.Get "functions.yaml" }}
{{- end }}

{{/* A call with (dict "root" $ "name" "host"): the image, by digest where one is given. */}}
{{- define "todoflow.image" -}}
{{- $images := .root.Values.images -}}
{{- $digest := get $images (printf "%sDigest" .name) -}}
{{ $images.registry }}/todoflow-{{ .name }}{{ if $digest }}@{{ $digest }}{{ else }}:{{ $images.tag | default .root.Chart.AppVersion }}{{ end }}
{{- end }}

{{- define "todoflow.databaseHost" -}}
{{- if .Values.postgresql.enabled }}{{ include "todoflow.name" . }}-postgresql.{{ .Release.Namespace }}.svc{{ else }}{{ required "database.host: PostgreSQL must be named (or set postgresql.enabled for a trial)" .Values.database.host }}{{ end }}
{{- end }}

{{- define "todoflow.sslMode" -}}
{{- if .Values.postgresql.enabled }}Disable{{ else }}{{ .Values.database.sslMode }}{{ end }}
{{- end }}

{{- define "todoflow.connectionString" -}}
{{- $db := .Values.database -}}
Host={{ include "todoflow.databaseHost" . }};Port={{ $db.port }};Database={{ $db.name }};Username={{ $db.user }};SSL Mode={{ include "todoflow.sslMode" . }}{{ with $db.parameters }};{{ . }}{{ end }}
{{- end }}

{{- define "todoflow.usesKafka" -}}
{{- if eq .Values.events.transport "kafka" }}true{{ end }}
{{- end }}

{{/* The standalone host's own realtime hub, which clients connect to. */}}
{{- define "todoflow.hasHub" -}}
{{- if and (eq .Values.runtime "standalone") (not .Values.azureSignalR) }}true{{ end }}
{{- end }}

{{/* The groups whose functions the pods of a group run, as a JSON array: (dict "root" $ "group" "api"). */}}
{{- define "todoflow.runs" -}}
{{- $runs := list .group -}}
{{- if and (eq .group "api") (include "todoflow.isWarm" .root) -}}
{{- range $other, $_ := (include "todoflow.functions" .root | fromYaml).groups -}}
{{- if not (or (eq $other "api") (and (eq $other "realtime") (include "todoflow.hasHub" $.root))) }}{{ $runs = append $runs $other }}{{ end -}}
{{- end -}}
{{- end -}}
{{ toJson $runs }}
{{- end }}

{{- define "todoflow.isWarm" -}}
{{- if eq .Values.profile "warm" }}true{{ end }}
{{- end }}

{{/* How often KEDA looks what a group has to do, in seconds: (dict "root" $ "group" "scheduler"). */}}
{{- define "todoflow.pollingInterval" -}}
{{ (get .root.Values.groups .group).pollingInterval | default .root.Values.keda.pollingInterval }}
{{- end }}

{{/* A topic's name on the brokers, by TodoFlow's own: (dict "root" $ "topic" "task-events"). */}}
{{- define "todoflow.brokerTopic" -}}
{{- $topics := .root.Values.kafka.topics -}}
{{- get (dict "task-events" $topics.taskEvents "task-updates" $topics.taskUpdates "reminders" $topics.reminders) .topic | required (printf "functions.yaml: the chart knows no topic %s" .topic) }}
{{- end }}

{{- define "todoflow.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: 1654
runAsGroup: 1654
fsGroup: 1654
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "todoflow.containerSecurityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{/* What cannot work, said before anything is installed. */}}
{{- define "todoflow.check" -}}
{{- $functions := include "todoflow.functions" . | fromYaml -}}
{{- range $group, $_ := .Values.groups }}{{ if not (hasKey $functions.groups $group) }}{{ fail (printf "groups.%s: there is no such function group" $group) }}{{ end }}{{ end }}
{{- range $group, $_ := $functions.groups }}{{ if not (hasKey $.Values.groups $group) }}{{ fail (printf "groups.%s: the function group has no values" $group) }}{{ end }}{{ end }}
{{- if and (eq .Values.runtime "azure") (ne .Values.events.transport "kafka") }}{{ fail "events.transport: the azure runtime needs kafka" }}{{ end }}
{{- if and (eq .Values.runtime "azure") (not .Values.azureSignalR) }}{{ fail "azureSignalR: the azure runtime has no hub of its own; set it, and AzureSignalRConnectionString in the Secret" }}{{ end }}
{{- if and (eq (int .Values.groups.realtime.minReplicas) 0) (include "todoflow.hasHub" .) }}{{ fail "groups.realtime.minReplicas: devices connect to its pods; at least 1" }}{{ end }}
{{- if and (include "todoflow.usesKafka" .) .Values.kafka.userSecret (not (has .Values.kafka.securityProtocol (list "SSL" "SASL_SSL"))) }}{{ fail "kafka.userSecret: a client's certificate needs the SSL or SASL_SSL protocol" }}{{ end }}
{{- if and (include "todoflow.usesKafka" .) (not .Values.kafka.brokers) }}{{ fail "kafka.brokers: needed with events.transport kafka" }}{{ end }}
{{- if and (hasPrefix "SASL" .Values.kafka.securityProtocol) (not (and .Values.kafka.saslMechanism .Values.kafka.username)) }}{{ fail "kafka.saslMechanism and kafka.username: needed with a SASL protocol" }}{{ end }}
{{- if and (or .Values.ingress.enabled .Values.gateway.enabled .Values.keda.httpAddOn) (not .Values.host) }}{{ fail "host: needed with ingress, gateway or keda.httpAddOn" }}{{ end }}
{{- if and .Values.gateway.enabled (not .Values.gateway.name) }}{{ fail "gateway.name: the Gateway that the route belongs to must be named" }}{{ end }}
{{- if and .Values.keda.httpAddOn .Values.gateway.enabled }}{{ fail "keda.httpAddOn: a Gateway's route cannot lead to the interceptor in another namespace; use ingress" }}{{ end }}
{{- if and (eq (int .Values.groups.api.minReplicas) 0) (include "todoflow.isWarm" .) }}{{ fail "groups.api.minReplicas: its pods do the work of all groups in the profile warm; at least 1, or the profile from-zero" }}{{ end }}
{{- range $group, $values := .Values.groups }}{{ if and (include "todoflow.isWarm" $) $values.backlog (not (and (eq $group "realtime") (include "todoflow.hasHub" $))) (ge (int $values.backlog) (int (mul $values.target $values.maxReplicas))) }}{{ fail (printf "groups.%s.backlog: counting ends at target times maxReplicas; it must be less" $group) }}{{ end }}{{ end }}
{{- if and (eq (int .Values.groups.api.minReplicas) 0) (not .Values.keda.httpAddOn) }}{{ fail "groups.api.minReplicas: cpu cannot wake it from 0; set keda.httpAddOn, or at least 1" }}{{ end }}
{{- end }}
