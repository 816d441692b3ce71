using Microsoft.Extensions.DependencyInjection;
using TodoFlow.Functions.Assistant.Tools;
using TodoFlow.Functions.Http;
using TodoFlow.Infrastructure.Assistant.Tools;

namespace TodoFlow.Functions.Assistant;

/// <summary>Registers the assistant's tools, and the MCP server that offers them.</summary>
public static class AssistantSetup
{
    /// <summary>Registers them, in the order in which models are shown them.</summary>
    public static IServiceCollection AddAssistantTools(this IServiceCollection services)
    {
        services.AddScoped<AssistantTool, GetOverviewTool>();
        services.AddScoped<AssistantTool, FindTasksTool>();
        services.AddScoped<AssistantTool, GetTaskTool>();
        services.AddScoped<AssistantTool, AddTasksTool>();
        services.AddScoped<AssistantTool, UpdateTasksTool>();
        services.AddScoped<AssistantTool, RescheduleTasksTool>();
        services.AddScoped<AssistantTool, CompleteTasksTool>();
        services.AddScoped<AssistantTool, ReopenTasksTool>();
        services.AddScoped<AssistantTool, SetRemindersTool>();
        services.AddScoped<AssistantTool, DeleteTasksTool>();
        services.AddScoped<AssistantTool, RestoreTasksTool>();
        services.AddScoped<AssistantTools>();
        services.AddScoped<ToolTasks>();
        services.AddScoped<ToolBatch>();
        services.AddSingleton<ToolTelemetry>();
        services.AddSingleton<ProtectedResource>();
        services.AddSingleton<McpEndpoint>();
        return services;
    }
}
