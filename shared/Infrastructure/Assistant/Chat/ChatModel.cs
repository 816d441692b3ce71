using Microsoft.Extensions.AI;

namespace TodoFlow.Infrastructure.Assistant.Chat;

/// <summary>What answers in the chat.</summary>
/// <param name="Client">The language model, or the rules.</param>
/// <param name="Mode">Which of them it is.</param>
public sealed record ChatModel(IChatClient Client, ChatMode Mode);
