using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using TodoFlow.Infrastructure.Assistant.Models;
using TodoFlow.Infrastructure.Retention;
using TodoFlow.Settings;

namespace TodoFlow.Infrastructure.Assistant.Chat;

/// <summary>Registers the chat.</summary>
public static class ChatSetup
{
    /// <summary>The source of the spans and metrics of the model's responses.</summary>
    public const string TelemetrySource = "TodoFlow.Assistant";

    /// <summary>Registers the chat over the assistant's tools. The model's client is made with the first message that needs it.</summary>
    public static IServiceCollection AddTodoFlowChat(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSettings<ChatSettings>(configuration);
        services.AddSingleton<ChatCompletionsClient>();
        services.AddSingleton(provider => new OpenTelemetryChatClient(provider.GetRequiredService<ChatCompletionsClient>(), null, TelemetrySource) { EnableSensitiveData = false });
        services.AddScoped<RulesClient>();
        services.AddScoped(provider => provider.GetRequiredService<IOptions<ChatSettings>>().Value.HasModel
            ? new ChatModel(provider.GetRequiredService<OpenTelemetryChatClient>(), ChatMode.Model)
            : new ChatModel(provider.GetRequiredService<RulesClient>(), ChatMode.Rules));
        services.AddSingleton<Conversations>();
        services.AddSingleton<IPruned, ConversationPruning>();
        services.AddSingleton<ChatBudget>();
        services.AddSingleton<ChatMetrics>();
        services.AddScoped<ApprovalItems>();
        services.AddScoped<ToolRounds>();
        services.AddScoped<ChatTurns>();
        return services;
    }
}
