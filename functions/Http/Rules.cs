using System.Text.Json.Nodes;

namespace TodoFlow.Functions.Http;

/// <summary>A rule that a field's value must keep, checked when a request is read and shown in OpenAPI.</summary>
[AttributeUsage(AttributeTargets.Property)]
public abstract class RuleAttribute : Attribute
{
    /// <summary>What is wrong with the value, reading on from the field's name; null where nothing is.</summary>
    public abstract string? Check(object value);

    /// <summary>Adds the rule to the field's JSON Schema.</summary>
    public abstract void Describe(JsonObject schema);
}

/// <summary>The field must be named, and not be null.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class NeededAttribute : Attribute;

/// <summary>The field's name on the wire, where somebody else's format has it otherwise than in snake_case.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class WireNameAttribute(string name) : Attribute
{
    /// <summary>The name.</summary>
    public string Name { get; } = name;
}

/// <summary>The default of a field that is not named, for OpenAPI.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class DefaultAttribute(object value) : Attribute
{
    /// <summary>The default, as JSON would write it.</summary>
    public object Value { get; } = value;
}

/// <summary>What a field may look like, for OpenAPI.</summary>
/// <param name="values">The value, or the entries of a list, as JSON would write them.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ExampleAttribute(params object[] values) : Attribute
{
    /// <summary>The value, or the entries of a list.</summary>
    public IReadOnlyList<object> Values { get; } = values;
}

/// <summary>What a field means, for OpenAPI, where its documentation does not say it to clients.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class AboutAttribute(string text) : Attribute
{
    /// <summary>The description.</summary>
    public string Text { get; } = text;
}

/// <summary>The length of a text, in Unicode characters (code points, as JSON Schema counts).</summary>
public sealed class CharactersAttribute(int least, int most) : RuleAttribute
{
    /// <summary>Whether white space at both ends does not count, because it will be trimmed.</summary>
    public bool Trimmed { get; init; }

    /// <inheritdoc/>
    public override string? Check(object value)
    {
        var text = Trimmed ? ((string)value).Trim() : (string)value;
        var length = text.EnumerateRunes().Count();
        return length >= least && length <= most ? null : $"must have {least} to {most} characters, not {length}";
    }

    /// <inheritdoc/>
    public override void Describe(JsonObject schema)
    {
        if (least > 0)
        {
            schema["minLength"] = least;
        }

        schema["maxLength"] = most;
    }
}

/// <summary>The range of a number, both ends included.</summary>
public sealed class BetweenAttribute(long least, long most) : RuleAttribute
{
    /// <inheritdoc/>
    public override string? Check(object value)
    {
        var number = Convert.ToInt64(value);
        return number >= least && number <= most ? null : $"must be between {least} and {most}";
    }

    /// <inheritdoc/>
    public override void Describe(JsonObject schema)
    {
        schema["minimum"] = least;
        if (most < long.MaxValue)
        {
            schema["maximum"] = most;
        }
    }
}

/// <summary>The size of a list of texts and the length of each, in Unicode characters after trimming.</summary>
public sealed class TextsAttribute(int most, int longest) : RuleAttribute
{
    /// <inheritdoc/>
    public override string? Check(object value)
    {
        var texts = (string[])value;
        if (texts.Length > most)
        {
            return $"must have at most {most} entries, not {texts.Length}";
        }

        var wrong = Array.FindIndex(texts, text => text.Trim().EnumerateRunes().Count() is var length && (length < 1 || length > longest));
        return wrong < 0 ? null : $"must have entries of 1 to {longest} characters; entry {wrong} has not";
    }

    /// <inheritdoc/>
    public override void Describe(JsonObject schema)
    {
        schema["maxItems"] = most;
        schema["items"] = new JsonObject { ["type"] = "string", ["minLength"] = 1, ["maxLength"] = longest };
    }
}
