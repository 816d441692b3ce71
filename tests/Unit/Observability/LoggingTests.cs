using TodoFlow.Infrastructure.Observability;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Unit.Observability;

/// <summary>What is logged, by category and level, in both hosts.</summary>
public sealed class LoggingTests
{
    [Theory]
    [InlineData("TodoFlow.Messaging.Kafka.KafkaRelay", LogLevel.Information, true)]
    [InlineData("Npgsql.Command", LogLevel.Information, false)]
    [InlineData("Npgsql.Command", LogLevel.Warning, true)]
    [InlineData("Microsoft.EntityFrameworkCore.Database.Command", LogLevel.Information, false)]
    [InlineData("Microsoft.Azure.Functions.Worker.FunctionsApplication", LogLevel.Information, false)]
    [InlineData("Microsoft.Azure.Functions.Worker.FunctionsApplication", LogLevel.Error, true)]
    [InlineData("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.Critical, false)]
    public void The_process_of_the_functions_says_what_matters(string category, LogLevel level, bool isLogged) =>
        Assert.Equal(isLogged, Log(logging => logging.AddTodoFlowLogging(Configuration([]))).CreateLogger(category).IsEnabled(level));

    [Theory]
    [InlineData("Npgsql", LogLevel.Information, true)]
    [InlineData("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.Critical, false)] // its lines hold tokens
    public void Settings_change_levels_but_one(string category, LogLevel level, bool isLogged) =>
        Assert.Equal(isLogged, Log(logging => logging.AddTodoFlowLogging(Configuration(new() { [$"Logging:LogLevel:{category}"] = "Trace" }))).CreateLogger(category).IsEnabled(level));

    // The Functions host selects by the same rules, from host.json.
    [Theory]
    [InlineData("Function.FireReminders", LogLevel.Information, false)] // "Executing …" and "Executed …", each second
    [InlineData("Function.FireReminders", LogLevel.Error, true)]
    [InlineData("Function.FireReminders.User", LogLevel.Information, true)]
    [InlineData("Host.Triggers.Timer", LogLevel.Information, false)]
    [InlineData("Host.Startup", LogLevel.Information, true)]
    public void The_Functions_host_does_not_log_every_tick(string category, LogLevel level, bool isLogged)
    {
        var hostJson = new ConfigurationBuilder().AddJsonFile(Repository.PathOf("host.json")).Build();
        Assert.Equal(isLogged, Log(logging => logging.AddConfiguration(hostJson.GetSection("logging"))).CreateLogger(category).IsEnabled(level));
    }

    private static ILoggerFactory Log(Action<ILoggingBuilder> configure) => LoggerFactory.Create(logging =>
    {
        logging.AddProvider(new Everything());
        configure(logging);
    });

    private static IConfigurationRoot Configuration(Dictionary<string, string?> settings) => new ConfigurationBuilder().AddInMemoryCollection(settings).Build();

    private sealed class Everything : ILoggerProvider
    {
        public ILogger CreateLogger(string categoryName) => new Listening();

        public void Dispose()
        {
            // It holds nothing.
        }

        private sealed class Listening : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state)
                where TState : notnull => null;

            public bool IsEnabled(LogLevel logLevel) => true;

            public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
            {
                // Only whether it would be called matters.
            }
        }
    }
}
