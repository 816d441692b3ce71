using Microsoft.Azure.Functions.Worker;
using TodoFlow.Host.Configuration;
using TodoFlow.Host.Invocation;

namespace TodoFlow.Host.Consumers;

/// <summary>
/// Runs functions for records, those of a partition in their order, and says which of them are dealt with: only those may be committed.
/// A stopping host begins no further invocation; the one in flight may finish, until most of the time for stopping has passed.
/// </summary>
internal sealed partial class RecordInvoker : IDisposable
{
    // What is left of the time for stopping is for rolling back, committing and leaving the group.
    private const double ShareOfShutdown = 0.8;

    private readonly FunctionRunner _runner;
    private readonly ConsumerMetrics _metrics;
    private readonly TimeProvider _clock;
    private readonly ILogger<RecordInvoker> _logger;
    private readonly CancellationTokenSource _overdue;
    private readonly CancellationTokenRegistration _stopping;

    public RecordInvoker(
        FunctionRunner runner, ConsumerMetrics metrics, HostSettings settings, IHostApplicationLifetime lifetime, TimeProvider clock, ILogger<RecordInvoker> logger)
    {
        _runner = runner;
        _metrics = metrics;
        _clock = clock;
        _logger = logger;
        _overdue = new CancellationTokenSource(Timeout.InfiniteTimeSpan, clock);
        _stopping = lifetime.ApplicationStopping.Register(() => _overdue.CancelAfter(settings.ShutdownTimeout * ShareOfShutdown));
    }

    /// <summary>Runs a function for records: once for all of them where it takes an array, otherwise once for each.</summary>
    /// <param name="function">The function, with a <see cref="KafkaTrigger"/>.</param>
    /// <param name="records">At least one record of one partition, in order.</param>
    /// <param name="stopping">No further try begins; the one in flight goes on.</param>
    /// <param name="lost">Ends the try in flight too: the partition is another host's already.</param>
    /// <returns>
    /// How many records, from the first on, are dealt with: their function returned, or failed for good under its retry policy.
    /// The others are to be delivered again.
    /// </returns>
    public async Task<int> Run(HostedFunction function, IReadOnlyList<KafkaRecord> records, CancellationToken stopping, CancellationToken lost = default)
    {
        using var abort = CancellationTokenSource.CreateLinkedTokenSource(lost, _overdue.Token);
        if (((KafkaTrigger)function.Trigger).IsBatched)
        {
            return await TryRun(function, records.ToArray(), records, stopping, abort.Token) ? records.Count : 0;
        }

        for (var done = 0; done < records.Count; done++)
        {
            if (!await TryRun(function, records[done], [records[done]], stopping, abort.Token))
            {
                return done;
            }
        }

        return records.Count;
    }

    /// <summary>Runs a batched function once for records while several partitions are held; its retry policy is for those of one.</summary>
    /// <param name="function">The function, whose trigger is batched.</param>
    /// <param name="records">The records, those of a partition in order.</param>
    /// <param name="stopping">The try does not begin any more; one in flight goes on.</param>
    /// <param name="lost">Ends the try in flight too: one of the partitions is another host's already.</param>
    /// <returns>Whether they are dealt with: their function returned.</returns>
    /// <exception cref="OperationCanceledException">The host stops, and it did not begin.</exception>
    public async Task<bool> TryTogether(HostedFunction function, IReadOnlyList<KafkaRecord> records, CancellationToken stopping, CancellationToken lost = default)
    {
        stopping.ThrowIfCancellationRequested();
        using var abort = CancellationTokenSource.CreateLinkedTokenSource(lost, _overdue.Token);
        try
        {
            await Measure(function, records, () => _runner.Try(function, records.ToArray(), 0, parent: default, abort.Token));
            return true;
        }
        catch (Exception error)
        {
            if (!abort.IsCancellationRequested)
            {
                LogFailedTogether(error, function.Name, records.Count);
            }

            return false;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stopping.Dispose();
        _overdue.Dispose();
    }

    private async Task<bool> TryRun(
        HostedFunction function, object value, IReadOnlyList<KafkaRecord> records, CancellationToken stopping, CancellationToken abort)
    {
        try
        {
            await Measure(function, records, () => _runner.Run(function, value, parent: default, stopping, abort));
            return true;
        }
        catch (Exception) when (abort.IsCancellationRequested)
        {
            return false;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return false;
        }
        catch (Exception error)
        {
            // As in the Functions host: who wants more than this says so with a retry attribute.
            LogGivenUp(error, function.Name, records.Count, records[0].Topic, records[0].Partition, records[0].Offset);
            return true;
        }
    }

    private async Task Measure(HostedFunction function, IReadOnlyList<KafkaRecord> records, Func<Task> run)
    {
        var start = _clock.GetTimestamp();
        var succeeded = false;
        try
        {
            await run();
            succeeded = true;
        }
        finally
        {
            _metrics.Add((KafkaTrigger)function.Trigger, records.Count, _clock.GetElapsedTime(start), succeeded);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Function} failed with {Count} records while several partitions were held; those of each follow by themselves")]
    private partial void LogFailedTogether(Exception error, string function, int count);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Function} failed for good with {Count} records from {Topic}/{Partition}@{Offset} on; its retry policy allows no more")]
    private partial void LogGivenUp(Exception error, string function, int count, string topic, int partition, long offset);
}
