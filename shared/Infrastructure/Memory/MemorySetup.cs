using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using TodoFlow.Settings;

namespace TodoFlow.Infrastructure.Memory;

/// <summary>Registers what bounds the memory of requests.</summary>
public static class MemorySetup
{
    /// <summary>Registers the process's count, and each request's.</summary>
    public static IServiceCollection AddTodoFlowMemory(this IServiceCollection services, IConfiguration configuration) => services
        .AddSettings<MemorySettings>(configuration)
        .AddSingleton<BytesInFlight>()
        .AddScoped<RequestBytes>()
        .AddScoped<PageBudget>();
}
