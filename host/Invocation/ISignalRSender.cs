using Microsoft.Azure.Functions.Worker;

namespace TodoFlow.Host.Invocation;

/// <summary>Sends the messages that functions return under <see cref="SignalROutputAttribute"/>.</summary>
public interface ISignalRSender
{
    /// <summary>Sends all of the messages.</summary>
    /// <param name="output">The hub that the function names.</param>
    /// <param name="messages">At least one message.</param>
    /// <param name="ct">Cancelled when the host stops.</param>
    Task Send(SignalROutputAttribute output, IReadOnlyList<SignalRMessageAction> messages, CancellationToken ct);
}
