using Microsoft.Azure.Functions.Worker;
using TodoFlow.Host.Configuration;
using TodoFlow.Host.Invocation;
using Xunit;

namespace TodoFlow.Tests.Unit.Host;

/// <summary>What the host refuses to start with. Each message is one line that names the function.</summary>
public sealed class DiscoveryErrorTests
{
    [Fact]
    public void A_function_name_that_is_declared_twice_is_refused() =>
        Refused("Twin", "is declared twice", typeof(TwinA), typeof(TwinB));

    [Fact]
    public void Names_that_differ_in_case_only_are_the_same_name() =>
        Refused("LOWER", "is declared twice", typeof(Lower), typeof(Upper));

    [Fact]
    public void Two_functions_on_one_route_and_method_are_refused() =>
        Refused("RouteB", "has the same route as 'RouteA': GET /things/{key:guid}", typeof(RouteA), typeof(RouteB));

    [Fact]
    public void A_trigger_of_another_extension_is_refused() =>
        Refused("Queued", "has the trigger 'QueueTrigger', which this host does not know", typeof(Queued));

    [Fact]
    public void A_function_without_a_trigger_is_refused() => Refused("Bare", "has no trigger", typeof(Bare));

    [Fact]
    public void A_function_with_two_triggers_is_refused() => Refused("Both", "has 2 triggers", typeof(Both));

    [Fact]
    public void An_unresolved_setting_in_a_schedule_is_refused() =>
        Refused("Scheduled", "needs the setting 'Missing:Schedule' (its Schedule is '%Missing:Schedule%'), and it is not set", typeof(Scheduled));

    [Fact]
    public void An_unresolved_setting_in_a_topic_is_refused() =>
        Refused("Consumer", "needs the setting 'Missing:Topic'", typeof(Consumer));

    [Fact]
    public void A_parameter_that_nothing_binds_is_refused() =>
        Refused("Odd", "has the parameter 'number' of type Int32, which this host cannot bind", typeof(Odd));

    [Fact]
    public void A_trigger_on_a_parameter_of_another_type_is_refused() =>
        Refused("Mistyped", "has a TimerTrigger on the parameter 'timer' of type String; it must be TimerInfo", typeof(Mistyped));

    [Fact]
    public void A_batched_trigger_on_a_single_record_is_refused() =>
        Refused("Batched", "has a KafkaTrigger with IsBatched on the parameter 'record' of type KafkaRecord; it must be KafkaRecord[]", typeof(Batched));

    [Fact]
    public void A_result_that_no_trigger_takes_is_refused() =>
        Refused("Texting", "returns Task`1 of String; an HTTP function returns IResult", typeof(Texting));

    [Fact]
    public void A_timer_that_returns_an_answer_is_refused() =>
        Refused("Answering", "returns IResult; it may return nothing or SignalRMessageAction[]", typeof(Answering));

    [Fact]
    public void Messages_without_the_output_attribute_are_refused() =>
        Refused("Messenger", "must both be marked [SignalROutput] and return SignalRMessageAction[], or neither", typeof(Messenger));

    [Fact]
    public void A_function_that_is_not_public_is_refused() => Refused("Hidden", "is not public", typeof(Hidden));

    [Fact]
    public void A_function_of_an_abstract_class_is_refused() => Refused("Abstract", "is abstract or generic", typeof(Abstract));

    [Theory]
    [InlineData("* * * * *")]
    [InlineData("every minute")]
    [InlineData("-00:01:00")]
    [InlineData("0 61 * * * *")]
    public void A_schedule_that_is_neither_ncrontab_nor_an_interval_is_refused(string schedule) =>
        Refused("Clockwork", "it must be NCRONTAB with six fields", [typeof(Clockwork)], ("Clock:Schedule", schedule));

    [Fact]
    public void A_schedule_that_never_comes_is_refused() =>
        Refused("Clockwork", "which never comes", [typeof(Clockwork)], ("Clock:Schedule", "0 0 0 31 2 *"));

    [Fact]
    public void A_route_that_is_no_template_is_refused() =>
        Refused("Crooked", "has the route 'things/{id', which is not a route template", typeof(Crooked));

    [Fact]
    public void A_retry_interval_that_is_no_time_is_refused() =>
        Refused("Retrying", "has a retry attribute whose delayInterval is not valid", typeof(Retrying));

    [Fact]
    public void Two_retry_attributes_are_refused() => Refused("Stubborn", "has two retry attributes", typeof(Stubborn));

    [Fact]
    public void A_name_in_the_allow_list_that_does_not_exist_is_refused() =>
        Refused("Nobody", "is in the allow-list", [typeof(RouteA)], ("AzureFunctionsJobHost:functions:0", "Nobody"));

    [Fact]
    public void An_error_in_the_code_counts_for_functions_outside_of_the_allow_list_too() =>
        Refused("Bare", "has no trigger", [typeof(RouteA), typeof(Bare)], ("AzureFunctionsJobHost:functions:0", "RouteA"));

    private static void Refused(string function, string reason, params Type[] types) => Refused(function, reason, types, []);

    private static void Refused(string function, string reason, Type[] types, params (string Key, string Value)[] settings)
    {
        var error = Assert.Throws<HostStartException>(() => Catalog.Discover(types, settings));
        Assert.StartsWith($"Function '{function}' ", error.Message, StringComparison.Ordinal);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    public static class TwinA { [Function("Twin")] public static void Run([TimerTrigger("0 * * * * *")] TimerInfo timer) { } }

    public static class TwinB { [Function("Twin")] public static void Run([TimerTrigger("0 * * * * *")] TimerInfo timer) { } }

    public static class Lower { [Function("lower")] public static void Run([TimerTrigger("0 * * * * *")] TimerInfo timer) { } }

    public static class Upper { [Function("LOWER")] public static void Run([TimerTrigger("0 * * * * *")] TimerInfo timer) { } }

    public static class RouteA
    {
        [Function("RouteA")]
        public static IResult Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", "post", Route = "things/{id:guid}")] HttpRequest request) => Results.Ok();
    }

    public static class RouteB
    {
        [Function("RouteB")]
        public static IResult Run([HttpTrigger(AuthorizationLevel.Anonymous, "GET", Route = "things/{key:guid}")] HttpRequest request) => Results.Ok();
    }

    [AttributeUsage(AttributeTargets.Parameter)]
    public sealed class QueueTriggerAttribute : Attribute;

    public static class Queued { [Function("Queued")] public static void Run([QueueTrigger] string message) { } }

    public static class Bare { [Function("Bare")] public static void Run(CancellationToken ct) { } }

    public static class Both
    {
        [Function("Both")]
        public static void Run([TimerTrigger("0 * * * * *")] TimerInfo timer, [HttpTrigger] HttpRequest request) { }
    }

    public static class Scheduled { [Function("Scheduled")] public static void Run([TimerTrigger("%Missing:Schedule%")] TimerInfo timer) { } }

    public static class Consumer { [Function("Consumer")] public static void Run([KafkaTrigger("b", "%Missing:Topic%")] KafkaRecord record) { } }

    public static class Odd { [Function("Odd")] public static void Run([TimerTrigger("0 * * * * *")] TimerInfo timer, int number) { } }

    public static class Mistyped { [Function("Mistyped")] public static void Run([TimerTrigger("0 * * * * *")] string timer) { } }

    public static class Batched { [Function("Batched")] public static void Run([KafkaTrigger("b", "t", IsBatched = true)] KafkaRecord record) { } }

    public static class Texting { [Function("Texting")] public static Task<string> Run([HttpTrigger] HttpRequest request) => Task.FromResult(""); }

    public static class Answering { [Function("Answering")] public static IResult Run([TimerTrigger("0 * * * * *")] TimerInfo timer) => Results.Ok(); }

    public static class Messenger
    {
        [Function("Messenger")]
        public static SignalRMessageAction[] Run([TimerTrigger("0 * * * * *")] TimerInfo timer) => [];
    }

    public static class Hidden { [Function("Hidden")] internal static void Run([TimerTrigger("0 * * * * *")] TimerInfo timer) { } }

    public abstract class Abstract { [Function("Abstract")] public void Run([TimerTrigger("0 * * * * *")] TimerInfo timer) { } }

    public static class Clockwork { [Function("Clockwork")] public static void Run([TimerTrigger("%Clock:Schedule%")] TimerInfo timer) { } }

    public static class Crooked
    {
        [Function("Crooked")]
        public static IResult Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "things/{id")] HttpRequest request) => Results.Ok();
    }

    public static class Retrying
    {
        [Function("Retrying")]
        [FixedDelayRetry(3, "soon")]
        public static void Run([TimerTrigger("0 * * * * *")] TimerInfo timer) { }
    }

    public static class Stubborn
    {
        [Function("Stubborn")]
        [FixedDelayRetry(3, "00:00:01")]
        [ExponentialBackoffRetry(3, "00:00:01", "00:00:02")]
        public static void Run([TimerTrigger("0 * * * * *")] TimerInfo timer) { }
    }
}
