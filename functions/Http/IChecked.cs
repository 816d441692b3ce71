using TodoFlow.Domain.Problems;

namespace TodoFlow.Functions.Http;

/// <summary>A request with rules that its fields' types and attributes cannot say.</summary>
public interface IChecked
{
    /// <summary>Everything that is wrong; called when every field alone is right.</summary>
    IEnumerable<FieldError> Check();
}
