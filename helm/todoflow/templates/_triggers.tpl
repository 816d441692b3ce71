{{/* A trigger on a query that PostgreSQL answers: (dict "root" $ "query" "..." "target" 100 "activation" 0). */}}
{{- define "todoflow.postgresqlTrigger" -}}
- type: postgresql
  metadata:
    host: {{ include "todoflow.databaseHost" .root }}
    port: {{ int .root.Values.database.port | quote }}
    dbName: {{ .root.Values.database.name }}
    userName: {{ .root.Values.database.user }}
    sslmode: {{ get (dict "Disable" "disable" "Require" "require" "VerifyCA" "verify-ca" "VerifyFull" "verify-full") (include "todoflow.sslMode" .root) }}
    query: |- {{- .query | nindent 6 }}
    targetQueryValue: {{ int .target | quote }}
    activationTargetQueryValue: {{ int .activation | quote }}
  authenticationRef:
    name: {{ include "todoflow.name" .root }}-postgresql
{{- end }}

{{/* A trigger on the lag of a consumer group: (dict "root" $ "group" "..." "topic" "..." "target" 100 "activation" 0). */}}
{{- define "todoflow.kafkaTrigger" -}}
{{- $kafka := .root.Values.kafka -}}
- type: kafka
  metadata:
    bootstrapServers: {{ $kafka.brokers | quote }}
    consumerGroup: {{ $kafka.groupPrefix }}{{ .group }}
    topic: {{ include "todoflow.brokerTopic" (dict "root" .root "topic" .topic) }}
    lagThreshold: {{ int .target | quote }}
    activationLagThreshold: {{ int .activation | quote }}
    # A group that has committed nothing yet has everything to read, as it has for the functions.
    offsetResetPolicy: earliest
    # Records that are tried again until the database is back need their pod.
    excludePersistentLag: "false"
    {{- if hasPrefix "SASL" $kafka.securityProtocol }}
    sasl: {{ get (dict "PLAIN" "plaintext" "SCRAM-SHA-256" "scram_sha256" "SCRAM-SHA-512" "scram_sha512") $kafka.saslMechanism }}
    {{- end }}
    {{- if hasSuffix "SSL" $kafka.securityProtocol }}
    tls: enable
    {{- end }}
  {{- if include "todoflow.kafkaAuthentication" .root }}
  authenticationRef:
    name: {{ include "todoflow.name" .root }}-kafka
  {{- end }}
{{- end }}

{{- define "todoflow.kafkaAuthentication" -}}
{{- if and (include "todoflow.usesKafka" .) (or (hasPrefix "SASL" .Values.kafka.securityProtocol) .Values.kafka.caSecret .Values.kafka.userSecret) }}true{{ end }}
{{- end }}

{{/*
What is to be done until the look after the next: what falls due, so that a pod is up when it does, of scheduler and of who hands on what
it fires; and the events that no process published although theirs should have within seconds, because it died or the broker was down.
Counting ends where more pods would not help.
*/}}
{{- define "todoflow.dueQuery" -}}
{{- $longest := max (include "todoflow.pollingInterval" (dict "root" . "group" "scheduler") | int) (include "todoflow.pollingInterval" (dict "root" . "group" "notifier") | int) -}}
{{- $soon := printf "interval '%d seconds'" (mul 2 $longest) -}}
{{- $enough := mul .Values.groups.scheduler.maxReplicas .Values.groups.scheduler.target -}}
select (select count(*) from (select from reminder where due_at < now() + {{ $soon }} limit {{ $enough }}) as reminders)
  + (select count(*) from (select from delivery where due_at < now() + {{ $soon }} limit {{ $enough }}) as deliveries)
  + (select count(*) from (select from outbox where published_at is null and created_at < now() - interval '10 seconds' limit {{ $enough }}) as unpublished)
{{- end }}

{{/* 1 where an event was raised within the last minutes: whoever completes a task has mostly done something else before. The key is ordered by time. */}}
{{- define "todoflow.recentQuery" -}}
select count(*) from (select event_id from outbox order by event_id desc limit 1) as latest
where event_id > (lpad(to_hex((extract(epoch from now() - interval '{{ .Values.keda.recentMinutes }} minutes') * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid
{{- end }}

{{/* What a consumer group has yet to read of a topic of the log in PostgreSQL, shard by shard: (dict "root" $ "group" "..." "topic" "..." "enough" 100). */}}
{{- define "todoflow.backlogQuery" -}}
select coalesce(sum(backlog), 0) from (
  select (select count(*) from (
    select from outbox where outbox.topic = '{{ .topic }}' and outbox.shard = shards.shard and outbox.sequence > coalesce((
      select cursor.sequence from consumer_cursor as cursor
      where cursor.group_name = '{{ .group }}' and cursor.topic = '{{ .topic }}' and cursor.shard = shards.shard), 0)
    limit {{ .enough }}) as ahead) as backlog
  from generate_series(0, 7) as shards (shard)) as shards
{{- end }}
