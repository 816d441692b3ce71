using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using TodoFlow.Domain.Tasks;
using Xunit;

namespace TodoFlow.Tests.Unit.Tasks;

/// <summary>Of long texts, changes keep the beginnings, and what tells the whole.</summary>
public sealed class ShortenedChangeTests
{
    [Fact]
    public void Texts_of_500_characters_and_other_values_are_kept_as_they_are()
    {
        Assert.All(
            new[]
            {
                new FieldChange("description", new string('x', 500), null),
                new FieldChange("tags", new JsonArray(new string('x', 600)), new JsonArray()),
                new FieldChange("version", 1, 2),
            },
            change => Assert.Same(change, change.Shortened()));
    }

    [Fact]
    public void Longer_ones_are_cut_and_told_apart()
    {
        var (old, now) = (new string('x', 501), new string('y', 10_000));
        var change = new FieldChange("description", old, now).Shortened();

        Assert.Equal((old[..500], now[..500]), (change.Old!.GetValue<string>(), change.New!.GetValue<string>()));
        Assert.Equal((new CutText(501, Hash(old)), new CutText(10_000, Hash(now))), (change.OldCut, change.NewCut));
        var cleared = new FieldChange("description", old, null).Shortened();
        Assert.Equal((null, null), (cleared.New, cleared.NewCut));
    }

    [Fact]
    public void No_character_is_cut_in_two()
    {
        var change = new FieldChange("description", null, new string('x', 499) + "😀😀").Shortened();
        Assert.Equal(new string('x', 499), change.New!.GetValue<string>());
        Assert.Equal(503, change.NewCut!.Length);
    }

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
