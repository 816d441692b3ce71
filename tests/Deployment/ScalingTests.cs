using System.Globalization;
using System.Text.Json.Nodes;
using TodoFlow.Functions.Outbox;
using TodoFlow.Host.Invocation;
using TodoFlow.Messaging.Outbox;
using TodoFlow.Tests.Support;
using TodoFlow.Tests.Unit.Host;
using Xunit;

namespace TodoFlow.Tests.Deployment;

/// <summary>What KEDA is told: names, topics and groups are the code's, and its queries give the numbers that they should.</summary>
public sealed class ScalingTests : IAsyncLifetime
{
    private TestDatabase _database = null!;

    public async Task InitializeAsync() => _database = await TestPostgres.CreateDatabase();

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [NodeFact]
    public async Task Every_scaler_is_of_a_deployment_and_its_name_is_short_enough()
    {
        foreach (var (name, manifests) in (await Charts.Rendered).Where(variant => variant.Value.Any(manifest => manifest.Kind == "Deployment")))
        {
            var scaled = manifests.Where(manifest => manifest.Kind == "ScaledObject").ToList();
            Assert.Equal(
                manifests.Where(manifest => manifest.Kind == "Deployment").Select(manifest => manifest.Name),
                scaled.Select(manifest => manifest.Text("spec.scaleTargetRef.name")));
            Assert.All(scaled, manifest =>
            {
                Assert.InRange(manifest.Name.Length, 1, 54); // KEDA's limit
                Assert.True(manifest.Spec["minReplicaCount"]!.GetValue<double>() <= manifest.Spec["maxReplicaCount"]!.GetValue<double>(), $"{name}: {manifest}");
            });
            Assert.All(
                scaled.SelectMany(manifest => manifest.Triggers).Select(trigger => trigger["authenticationRef"]?["name"]!.GetValue<string>()).OfType<string>().Distinct(),
                authentication => Assert.Single(manifests, manifest => manifest.Kind == "TriggerAuthentication" && manifest.Name == authentication));
        }
    }

    [NodeFact]
    public async Task Each_consumer_group_is_scaled_by_its_lag_on_each_of_its_topics()
    {
        var expected = Consumers().Select(kafka => (kafka.ConsumerGroup, kafka.Topic)).Distinct().Order().ToList();
        Assert.Equal(expected.Count, expected.Select(kafka => kafka.ConsumerGroup).Distinct().Count()); // one group, one subscription
        var found = (await Charts.Rendered)["azure"].Where(manifest => manifest.Kind == "ScaledObject").SelectMany(manifest => manifest.Triggers)
            .Where(trigger => Text(trigger, "type") == "kafka").Select(trigger => (Text(trigger["metadata"]!, "consumerGroup"), Text(trigger["metadata"]!, "topic"))).Order();

        Assert.Equal(expected, found);
    }

    [NodeFact]
    public async Task Pods_that_hold_connections_are_scaled_by_cpu_and_never_to_zero()
    {
        var rendered = await Charts.Rendered;
        var hub = rendered["least"].Single(manifest => manifest.Kind == "ScaledObject" && manifest.Component == "realtime");
        var consumer = rendered["Azure SignalR"].Single(manifest => manifest.Kind == "ScaledObject" && manifest.Component == "realtime");

        Assert.Equal("cpu", Text(Assert.Single(hub.Triggers), "type"));
        Assert.Equal(1, hub.Spec["minReplicaCount"]!.GetValue<double>());
        Assert.Equal("todoflow-realtime", Text(Assert.Single(consumer.Triggers, trigger => Text(trigger, "type") == "kafka")["metadata"]!, "consumerGroup"));
    }

    [NodeFact]
    public async Task A_topic_that_is_renamed_on_the_broker_is_scaled_by_its_name_there()
    {
        var rendered = await Charts.Template(Charts.TodoFlow, [.. Charts.Least, "--set", "kafka.topics.taskEvents=acme.task-events"]);
        var manifests = Manifest.ReadAll(rendered.Output);

        Assert.Contains(manifests.Where(manifest => manifest.Kind == "ScaledObject").SelectMany(manifest => manifest.Triggers), trigger =>
            trigger["metadata"]!["topic"]?.GetValue<string>() == "acme.task-events");
        Assert.Equal("acme.task-events", manifests.Single(manifest => manifest.Kind == "ConfigMap").Text("data.Kafka__Topics__TaskEvents"));
    }

    [NodeFact]
    public async Task Another_installation_on_the_same_brokers_has_groups_of_its_own_in_settings_triggers_and_queries()
    {
        var kafka = Manifest.ReadAll((await Charts.Template(Charts.TodoFlow, [.. Charts.Least, "--set", "kafka.groupPrefix=staging."])).Output);
        Assert.Equal("staging.", kafka.Single(manifest => manifest.Kind == "ConfigMap").Text("data.Kafka__GroupPrefix"));
        Assert.Equal(
            ["staging.audit", "staging.audit.reminders", "staging.notifier", "staging.recurrence"],
            kafka.Where(manifest => manifest.Kind == "ScaledObject").SelectMany(manifest => manifest.Triggers).Where(trigger => Text(trigger, "type") == "kafka")
                .Select(trigger => Text(trigger["metadata"]!, "consumerGroup")).Order(StringComparer.Ordinal));

        var postgres = (await Charts.Template(Charts.TodoFlow, [.. Charts.Least, "--set", "kafka.groupPrefix=staging.,events.transport=postgres"])).Output;
        Assert.Contains("group_name = 'staging.audit.reminders'", postgres, StringComparison.Ordinal);
        Assert.DoesNotContain("group_name = 'todoflow-", postgres, StringComparison.Ordinal);
    }

    [NodeFact]
    public async Task In_the_profile_warm_a_group_wakes_for_a_backlog_from_zero_at_the_first_record()
    {
        var values = Manifest.ReadYaml(Repository.Read("helm/todoflow/values.yaml")).Single()!["groups"]!;
        Assert.Equal("warm", Manifest.ReadYaml(Repository.Read("helm/todoflow/values.yaml")).Single()!["profile"]!.GetValue<string>());
        foreach (var variant in new[] { "least", "local without Kafka" })
        {
            foreach (var (scaled, activation) in await Activations(variant))
            {
                Assert.Equal(values[scaled.Component!]!["backlog"]!.GetValue<double>(), activation);
                Assert.True(activation < scaled.Spec["maxReplicaCount"]!.GetValue<double>() * values[scaled.Component!]!["target"]!.GetValue<double>(), $"{scaled}: counting ends before");
            }

            Assert.All(await Activations($"{variant}, from zero"), found => Assert.Equal(0, found.Activation));
        }

        static async Task<IEnumerable<(Manifest Scaled, double Activation)>> Activations(string variant) =>
            from scaled in (await Charts.Rendered)[variant]
            where scaled.Kind == "ScaledObject"
            from trigger in scaled.Triggers
            let activation = trigger["metadata"]!["activationLagThreshold"] ?? trigger["metadata"]!["activationTargetQueryValue"]
            where activation is not null
            select (scaled, double.Parse(activation.GetValue<string>(), CultureInfo.InvariantCulture));
    }

    [NodeFact]
    public async Task From_zero_scheduler_and_notifier_wake_by_one_query_and_every_consumer_by_events_of_the_last_minutes()
    {
        var recent = Assert.Single(await Queries("least, from zero", "recurrence"));
        Assert.Equal([Assert.Single(await Queries("least, from zero", "scheduler")), recent], await Queries("least, from zero", "notifier"));
        Assert.Equal(recent, Assert.Single(await Queries("least, from zero", "audit")));
        Assert.Empty(await Queries("least", "recurrence"));

        Assert.Equal(0, await Number(recent));
        await Raise(TimeSpan.FromMinutes(6));
        Assert.Equal(0, await Number(recent));
        await Raise(TimeSpan.FromMinutes(4));
        Assert.Equal(1, await Number(recent));
        await Raise(TimeSpan.Zero);
        Assert.Equal(1, await Number(recent)); // the most recent one is enough

        Task<int> Raise(TimeSpan ago) => _database.Execute(
            $"""
            insert into outbox (event_id, topic, key, shard, payload, created_at)
            values ('{Domain.Events.EventId.New(DateTimeOffset.UtcNow - ago, 0)}', 'task-events', 'k', 0, '', now())
            """);
    }

    [NodeFact]
    public async Task Kafka_triggers_begin_at_the_earliest_record_and_stop_at_the_partitions()
    {
        foreach (var manifest in (await Charts.OfTodoFlow()).Where(manifest => manifest.Kind == "ScaledObject"))
        {
            foreach (var trigger in manifest.Triggers.Where(trigger => Text(trigger, "type") == "kafka"))
            {
                Assert.Equal("earliest", Text(trigger["metadata"]!, "offsetResetPolicy"));
                Assert.True(manifest.Spec["fallback"] is not null, $"{manifest}");
            }
        }

        var many = Manifest.ReadAll((await Charts.Template(Charts.TodoFlow, [.. Charts.Least, "--set", "kafka.partitions=5,groups.audit.maxReplicas=50"])).Output);
        Assert.Equal(5, many.Single(manifest => manifest.Kind == "ScaledObject" && manifest.Component == "audit").Spec["maxReplicaCount"]!.GetValue<double>());
    }

    [NodeTheory]
    [InlineData("cloud", "scram_sha256", "enable", "password,username")]
    [InlineData("values-strimzi", null, "enable", "ca,cert,key")]
    [InlineData("least", null, null, null)]
    public async Task KEDA_reaches_secured_brokers_as_the_functions_do(string variant, string? sasl, string? tls, string? parameters)
    {
        var manifests = (await Charts.Rendered)[variant];
        var trigger = manifests.Where(manifest => manifest.Kind == "ScaledObject").SelectMany(manifest => manifest.Triggers).First(trigger => Text(trigger, "type") == "kafka");
        var authentication = manifests.SingleOrDefault(manifest => manifest.Kind == "TriggerAuthentication" && manifest.Name == trigger["authenticationRef"]?["name"]?.GetValue<string>());

        Assert.Equal(sasl, trigger["metadata"]!["sasl"]?.GetValue<string>());
        Assert.Equal(tls, trigger["metadata"]!["tls"]?.GetValue<string>());
        Assert.Equal(parameters, authentication is null ? null : string.Join(',', new[] { "secretTargetRef", "configMapTargetRef" }
            .SelectMany(source => authentication.Spec[source]?.AsArray() ?? []).Select(parameter => Text(parameter!, "parameter")).Order(StringComparer.Ordinal)));
    }

    [NodeFact]
    public async Task The_scheduler_is_woken_before_a_reminder_is_due_and_for_events_that_were_left_behind()
    {
        var query = await Query("least", "scheduler", 0);
        Assert.Equal(0, await Number(query));

        var user = Assert.Single(await TaskSeed.Users(_database, 1));
        foreach (var due in new[] { "now() - interval '1 hour'", "now() + interval '29 seconds'", "now() + interval '31 seconds'", "null" })
        {
            await _database.Execute(
                $"""
                insert into reminder (id, task_id, user_id, remind_at, of_task, snoozed, status, due_at, late, retry_count, created_at, updated_at)
                values (gen_random_uuid(), gen_random_uuid(), '{user}', now(), false, false, 0, {due}, false, 0, now(), now())
                """);
        }

        await _database.Execute(
            $"""
            with notification as (
                insert into notification (id, user_id, task_id, title, body, created_at, event_id, late, listed)
                values (gen_random_uuid(), '{user}', gen_random_uuid(), '', '', now(), gen_random_uuid(), false, true) returning id)
            insert into delivery (id, notification_id, user_id, channel, status, due_at, attempts, created_at)
            select gen_random_uuid(), id, '{user}', channel, 0, now() + due, 0, now()
            from notification, (values ('email', interval '29 seconds'), ('web_push', interval '31 seconds'), ('realtime', null)) as each (channel, due)
            """);

        Assert.Equal(3, await Number(query)); // the polling interval is 15 seconds, and the next but one comes after 30

        await Announce("task-events", 3, "now() - interval '1 minute'");
        await Announce("task-events", 5, "now()"); // its process is about to publish it
        Assert.Equal(6, await Number(query));
        await _database.Execute("update outbox set published_at = now()");
        Assert.Equal(3, await Number(query));
    }

    [NodeFact]
    public async Task Without_Kafka_a_group_is_scaled_by_what_it_has_yet_to_read_of_the_log()
    {
        await Announce("task-events", 40, "now()");
        await Announce("reminders", 7, "now()");
        await _database.Execute("update outbox set sequence = nextval('event_log_sequence'), published_at = now()");
        await Announce("task-events", 9, "now()"); // not published: the scheduler's concern

        var queries = await Queries("local without Kafka", "audit");
        Assert.Equal(2, queries.Count);
        Assert.Equal("7, 40", await Numbers(queries)); // a group that never read has it all to read

        await _database.Execute(
            """
            insert into consumer_cursor (group_name, topic, shard, sequence)
            select 'todoflow-audit', topic, shard, max(sequence) from outbox where topic = 'task-events' and shard < 4 group by topic, shard
            """);
        var left = await _database.Scalar<long>("select count(*) from outbox where topic = 'task-events' and sequence is not null and shard >= 4");
        Assert.Equal($"7, {left}", await Numbers(queries));
        Assert.Equal(40, await Number(Assert.Single(await Queries("local without Kafka", "recurrence")))); // each group has a place of its own
    }

    [NodeFact]
    public async Task The_shards_of_the_queries_are_those_of_the_code() =>
        Assert.Contains($"generate_series(0, {Shards.Count - 1})", await Query("local without Kafka", "audit", 0), StringComparison.Ordinal);

    [NodeFact]
    public async Task Every_query_of_every_variant_runs()
    {
        var queries = (await Charts.OfTodoFlow()).Where(manifest => manifest.Kind == "ScaledObject").SelectMany(manifest => manifest.Triggers)
            .Select(trigger => trigger["metadata"]!["query"]?.GetValue<string>()).OfType<string>().Distinct().ToList();

        Assert.NotEmpty(queries);
        Assert.All(await Task.WhenAll(queries.Select(Number)), number => Assert.Equal(0, number));
    }

    [NodeFact]
    public async Task Once_a_day_the_scheduler_is_up_when_history_is_pruned()
    {
        var cron = (await Charts.Rendered)["least, from zero"].Single(manifest => manifest.Kind == "ScaledObject" && manifest.Component == "scheduler")
            .Triggers.Single(trigger => Text(trigger, "type") == "cron")["metadata"]!;
        var prune = (TimerTrigger)Catalog.Discover([typeof(PruneHistory)]).Functions.Single().Trigger;
        var start = Next(Text(cron, "start"), new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

        Assert.InRange(prune.Schedule.Next(start + TimeSpan.FromMinutes(1)), start, Next(Text(cron, "end"), start));

        static DateTimeOffset Next(string fiveFields, DateTimeOffset after) => TimerSchedule.Parse("cron", $"0 {fiveFields}").Next(after);
    }

    private static IEnumerable<KafkaTrigger> Consumers() => Catalog.Discover(
            typeof(PruneHistory).Assembly.GetTypes(), ("Kafka:GroupPrefix", "todoflow-"), ("Kafka:Topics:TaskEvents", "task-events"), ("Kafka:Topics:TaskUpdates", "task-updates"), ("Kafka:Topics:Reminders", "reminders"))
        .Functions.Select(function => function.Trigger).OfType<KafkaTrigger>();

    private static string Text(JsonNode node, string name) => node[name]!.GetValue<string>();

    private static async Task<string> Query(string variant, string group, int index) => (await Queries(variant, group))[index];

    private static async Task<List<string>> Queries(string variant, string group) =>
        [.. (await Charts.Rendered)[variant].Single(manifest => manifest.Kind == "ScaledObject" && manifest.Component == group).Triggers
            .Where(trigger => Text(trigger, "type") == "postgresql").Select(trigger => Text(trigger["metadata"]!, "query"))];

    private Task<int> Announce(string topic, int count, string when) => _database.Execute(
        $"""
        insert into outbox (event_id, topic, key, shard, payload, created_at)
        select gen_random_uuid(), '{topic}', n::text, n % {Shards.Count}, '', {when} from generate_series(1, {count}) n
        """);

    private async Task<string> Numbers(IEnumerable<string> queries) => string.Join(", ", (await Task.WhenAll(queries.Select(Number))).Order());

    /// <summary>Runs a query as KEDA does: one row, one number.</summary>
    private async Task<double> Number(string query)
    {
        await using var command = _database.Source.CreateCommand(query);
        await using var rows = await command.ExecuteReaderAsync();
        Assert.True(await rows.ReadAsync());
        Assert.Equal(1, rows.FieldCount);
        var number = Convert.ToDouble(rows.GetValue(0));
        Assert.False(await rows.ReadAsync());
        return number;
    }
}
