using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Domain.Accounts;
using TodoFlow.Domain.QuickAdd;
using TodoFlow.Functions.Http;
using TodoFlow.Infrastructure.Tasks;

namespace TodoFlow.Functions.Tasks;

/// <summary>POST /api/tasks/quick: adds the task that one line of text describes.</summary>
public sealed class QuickAddTask(QuickTasks tasks, IdempotentRequests requests)
{
    /// <summary>Returns 201 with the task; 200 with what it would be where that is all that is asked.</summary>
    [Function(nameof(QuickAddTask))]
    [RequiresScope(AccessScopes.TasksWrite)]
    [Body(typeof(QuickAddTaskRequest))]
    [Returns<QuickAddResponse>(200)]
    [Returns<QuickAddResponse>(201, "ETag", "Location")]
    [Problems(403)]
    [RequestHeaders(IdempotentRequests.Header)]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/tasks/quick")] HttpRequest request, CancellationToken ct)
    {
        var body = await request.ReadValid<QuickAddTaskRequest>(ct);
        if (body.DryRun == true)
        {
            return TypedResults.Ok(QuickAddResponse.Of(await tasks.Preview(body.Text, body.Language ?? default, body.Kept, ct), dryRun: true));
        }

        return await requests.Once(request, async () =>
        {
            var added = await tasks.Add(body.Text, body.Language ?? default, body.Kept, ct);
            return TypedResults.Created($"/api/tasks/{added.Task.Id}", QuickAddResponse.Of(added, dryRun: false)).WithETag(added.Task.Version);
        }, ct);
    }
}

/// <summary>A task as one line of text.</summary>
public sealed record QuickAddTaskRequest
{
    /// <summary>What the user wrote.</summary>
    [Description("What the user wrote; what is not understood is the title.")]
    [Required, TextLength(QuickAddParser.MaxLength, MinimumLength = 1, Trimmed = true), NoControlCharacters, Example("Call mom tomorrow 5pm #family p1 remind me 30 min before")]
    public string Text { get; set; } = "";

    /// <summary>Whether only to show what the task would be.</summary>
    [Description("true returns what the task would be, with an id of zeros, and stores nothing."), DefaultValue(false)]
    public bool? DryRun { get; set; }

    /// <summary>The language of the text.</summary>
    [Description("The language of the text."), DefaultValue("en")]
    public QuickAddLanguage? Language { get; set; }

    /// <summary>Parts of the text that stay in the title.</summary>
    [Description("Parts of the text that stay in the title whatever they look like: the spans of a response that the user removed."), MaxLength(100)]
    public QuickAddKeep[]? Keep { get; set; }

    internal IReadOnlyList<TextRange> Kept => [.. (Keep ?? []).Select(part => new TextRange(part.Start, part.End))];
}

/// <summary>A part of the text that stays in the title.</summary>
public sealed record QuickAddKeep
{
    /// <summary>Its first UTF-16 unit.</summary>
    [Description("Its first UTF-16 unit, from 0."), Required, Range(0, int.MaxValue)]
    public int Start { get; set; }

    /// <summary>The UTF-16 unit behind it.</summary>
    [Description("The UTF-16 unit behind it."), Required, Range(0, int.MaxValue)]
    public int End { get; set; }
}
