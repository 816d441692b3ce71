using System.Text.Json.Serialization;
using TodoFlow.Domain.Json;

namespace TodoFlow.Infrastructure.Persistence;

/// <summary>The direction of a sort.</summary>
[JsonConverter(typeof(SnakeCaseEnum<SortOrder>))]
public enum SortOrder
{
    /// <summary>Ascending.</summary>
    Asc,

    /// <summary>Descending.</summary>
    Desc,
}
