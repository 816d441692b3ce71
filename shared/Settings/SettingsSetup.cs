using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace TodoFlow.Settings;

/// <summary>A group of settings that knows what is wrong with its values.</summary>
public interface ISettings
{
    /// <summary>The configuration section that they are read from.</summary>
    static abstract string Section { get; }

    /// <summary>Everything that is wrong, each as one line that names the setting.</summary>
    IEnumerable<string> Check();
}

/// <summary>Registers settings so that a wrong one stops the start with one line.</summary>
public static class SettingsSetup
{
    /// <summary>Reads <typeparamref name="T"/> from its section when it is first asked for, at the latest when the host starts.</summary>
    /// <exception cref="OptionsValidationException">A value is wrong; thrown when the settings are first asked for.</exception>
    public static IServiceCollection AddSettings<T>(this IServiceCollection services, IConfiguration configuration)
        where T : class, ISettings
    {
        services.AddOptions<T>().Configure(settings => Bind(configuration, settings)).ValidateOnStart();
        return services.AddSingleton<IValidateOptions<T>, Checked<T>>();
    }

    private static void Bind<T>(IConfiguration configuration, T settings)
        where T : class, ISettings
    {
        try
        {
            // An empty setting is none: local.settings.sample.json names them all, and so may a chart.
            var set = configuration.GetSection(T.Section).AsEnumerable().Where(setting => !string.IsNullOrEmpty(setting.Value));
            new ConfigurationBuilder().AddInMemoryCollection(set).Build().GetSection(T.Section).Bind(settings);
        }
        catch (InvalidOperationException error) // a text that is no number or no time; the message names the setting
        {
            throw new OptionsValidationException(T.Section, typeof(T), [error.Message]);
        }
    }

    private sealed class Checked<T> : IValidateOptions<T>
        where T : class, ISettings
    {
        public ValidateOptionsResult Validate(string? name, T options) =>
            options.Check().ToList() is { Count: > 0 } wrong ? ValidateOptionsResult.Fail(wrong) : ValidateOptionsResult.Success;
    }
}
