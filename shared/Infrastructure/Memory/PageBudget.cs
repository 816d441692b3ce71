using Microsoft.Extensions.Options;
using TodoFlow.Domain.Problems;

namespace TodoFlow.Infrastructure.Memory;

/// <summary>What the page that a request is given may still hold. A page ends early where the next entry would make it too long.</summary>
public sealed class PageBudget(RequestBytes request, IOptions<MemorySettings> settings)
{
    // An entry is held as objects, whose text takes two bytes a character, until it is written.
    private const int Held = 2;

    /// <summary>The bytes of JSON that the page has so far, at most.</summary>
    public long Taken { get; private set; }

    /// <summary>Adds an entry, unless the page would be too long. The first one always fits, so that no list stands still.</summary>
    /// <param name="bytes">Its length as JSON, at most (<see cref="JsonSize"/>).</param>
    /// <returns>Whether it belongs to the page.</returns>
    /// <exception cref="ProblemException">503: the process holds as much as it may.</exception>
    public bool Add(long bytes)
    {
        if (Taken > 0 && Taken + bytes > settings.Value.PageBytes)
        {
            return false;
        }

        request.Take(Held * bytes);
        Taken += bytes;
        return true;
    }
}
