using Microsoft.Extensions.Options;
using TodoFlow.Infrastructure.Memory;

namespace TodoFlow.Tests.Support;

/// <summary>Pages of lists that are read without a request.</summary>
internal static class Pages
{
    /// <summary>What a page may hold by default.</summary>
    public static PageBudget Budget()
    {
        var settings = Options.Create(new MemorySettings());
        return new(new(new(settings)), settings);
    }
}
