using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>Sends what the function returns through SignalR.</summary>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Property)]
public sealed class SignalROutputAttribute : OutputBindingAttribute
{
    /// <summary>The hub.</summary>
    public string HubName { get; set; }

    /// <summary>The setting that holds the connection string.</summary>
    public string ConnectionStringSetting { get; set; }
}

/// <summary>One message to the clients of a user, a group or a connection, or to all.</summary>
public sealed class SignalRMessageAction
{
    /// <summary>A message without arguments.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="target"/> is null.</exception>
    public SignalRMessageAction(string target)
    {
        ArgumentNullException.ThrowIfNull(target);
        Target = target;
    }

    /// <summary>A message with arguments.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="target"/> is null.</exception>
    public SignalRMessageAction(string target, object[] arguments)
        : this(target)
    {
        Arguments = arguments;
    }

    /// <summary>The client method that is called.</summary>
    public string Target { get; }

    /// <summary>Its arguments.</summary>
    public object[] Arguments { get; set; }

    /// <summary>The user whose connections receive it.</summary>
    public string UserId { get; set; }

    /// <summary>The group whose connections receive it.</summary>
    public string GroupName { get; set; }

    /// <summary>The connection that receives it.</summary>
    public string ConnectionId { get; set; }
}
