using System.ComponentModel.DataAnnotations;
using System.Globalization;
using TodoFlow.Domain.Recurrence;
using TodoFlow.Domain.Tasks;

namespace TodoFlow.Functions.Http;

/// <summary>A <c>[StringLength]</c> that counts as JSON Schema does: in Unicode code points, not in UTF-16 units.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class TextLengthAttribute(int maximumLength) : StringLengthAttribute(maximumLength)
{
    /// <summary>Whether white space at both ends does not count, because it will be trimmed.</summary>
    public bool Trimmed { get; init; }

    /// <summary>Whether control characters do not count, because they will be left out.</summary>
    public bool Cleaned { get; init; }

    /// <inheritdoc/>
    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext)
    {
        var text = (string?)value;
        // What is stored is counted: a few characters are several in the form NFC.
        var length = Count(text is null ? null : Trimmed ? Nfc.Normalize(text.Trim()) : Cleaned ? Nfc.Normalize(PlainText.Clean(text)) : text);
        return length >= MinimumLength && length <= MaximumLength
            ? ValidationResult.Success
            : new(string.Create(CultureInfo.InvariantCulture, $"must have {MinimumLength} to {MaximumLength} characters, not {length}"));
    }

    internal static int Count(string? text) => text?.EnumerateRunes().Count() ?? 0;
}

/// <summary>The length of each entry of a list, in Unicode code points after trimming. <c>[MaxLength]</c> says how many entries there may be.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ItemLengthAttribute(int minimumLength, int maximumLength) : ValidationAttribute
{
    /// <summary>The shortest entry.</summary>
    public int MinimumLength { get; } = minimumLength;

    /// <summary>The longest entry.</summary>
    public int MaximumLength { get; } = maximumLength;

    /// <inheritdoc/>
    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext)
    {
        var wrong = Array.FindIndex((string[])value!, item => TextLengthAttribute.Count(Nfc.Normalize(item.Trim())) is var length && (length < MinimumLength || length > MaximumLength));
        return wrong < 0
            ? ValidationResult.Success
            : new(string.Create(CultureInfo.InvariantCulture, $"must have entries of {MinimumLength} to {MaximumLength} characters; entry {wrong} has not"));
    }
}

/// <summary>How many words a text may have: what white space parts.</summary>
/// <param name="most">The most.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class WordCountAttribute(int most) : ValidationAttribute
{
    /// <summary>The most.</summary>
    public int Most { get; } = most;

    /// <inheritdoc/>
    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext)
    {
        var words = ((string?)value)?.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length ?? 0;
        return words <= Most ? ValidationResult.Success : new(string.Create(CultureInfo.InvariantCulture, $"must have at most {Most} words, not {words}"));
    }
}

/// <summary>No control characters but tabs and line breaks, in a text or in each entry of a list.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class NoControlCharactersAttribute() : ValidationAttribute("must not contain control characters other than tab and line feed")
{
    /// <summary>What a text matches, for OpenAPI. The carriage return of a line break is taken, and not stored.</summary>
    public const string Pattern = @"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]*$";

    /// <inheritdoc/>
    public override bool IsValid(object? value) => value switch
    {
        string text => !text.Any(PlainText.IsControl),
        string[] items => !items.Any(item => item.Any(PlainText.IsControl)),
        _ => true,
    };
}

/// <summary>An id that clients may choose: not of the version of those that only the service gives.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ClientIdAttribute() : ValidationAttribute(Refusal)
{
    /// <summary>What is said of one that they may not.</summary>
    public const string Refusal = "must not be a UUID of version 8: those are given by the service";

    /// <inheritdoc/>
    public override bool IsValid(object? value) => value is not Guid id || !OccurrenceId.IsReserved(id);
}

/// <summary>What a field may look like, for OpenAPI.</summary>
/// <param name="values">The value, or the entries of a list, as JSON would write them.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ExampleAttribute(params object[] values) : Attribute
{
    /// <summary>The value, or the entries of a list.</summary>
    public IReadOnlyList<object> Values { get; } = values;
}
