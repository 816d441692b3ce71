using TodoFlow.Settings;

namespace TodoFlow.Infrastructure.Notifications;

/// <summary>How deliveries are sent.</summary>
public sealed class NotificationSettings : ISettings
{
    /// <inheritdoc/>
    public static string Section => "Notifications";

    /// <summary>For how long a try keeps a delivery from others. Who died in the middle of one is followed after it.</summary>
    public TimeSpan Lease { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How long one try may take, connecting included.</summary>
    public TimeSpan SendTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How many messages one process sends at once over each channel.</summary>
    public int Concurrency { get; set; } = 16;

    /// <summary>The address of the application that people use; messages link to its <c>/tasks/{id}</c>. Null for no links.</summary>
    public Uri? AppUrl { get; set; }

    /// <inheritdoc/>
    public IEnumerable<string> Check()
    {
        if (SendTimeout < TimeSpan.FromSeconds(1) || SendTimeout > TimeSpan.FromMinutes(10))
        {
            yield return $"Notifications:SendTimeout is {SendTimeout}; it must be between one second and ten minutes.";
        }

        if (Lease < SendTimeout + TimeSpan.FromSeconds(5) || Lease > TimeSpan.FromDays(1))
        {
            yield return $"Notifications:Lease is {Lease}; it must be at least five seconds longer than Notifications:SendTimeout, and at most a day.";
        }

        if (Concurrency is < 1 or > 1000)
        {
            yield return $"Notifications:Concurrency is {Concurrency}; it must be between 1 and 1000.";
        }

        if (AppUrl is { } url && (!url.IsAbsoluteUri || (url.Scheme != Uri.UriSchemeHttps && url.Scheme != Uri.UriSchemeHttp)))
        {
            yield return "Notifications:AppUrl must be an http or https address.";
        }
    }
}
