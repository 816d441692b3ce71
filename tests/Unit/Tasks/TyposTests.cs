using TodoFlow.Infrastructure.Tasks;
using Xunit;

namespace TodoFlow.Tests.Unit.Tasks;

public class TyposTests
{
    [Theory]
    [InlineData("", 0)]
    [InlineData("cat", 0)]
    [InlineData("milk", 1)]
    [InlineData("invoice", 1)]
    [InlineData("dentists", 2)]
    [InlineData("geschirrspuler", 2)]
    [InlineData("елка", 1)]
    [InlineData("молоко", 1)]
    [InlineData("mp3s", 0)] // with digits it is what it is
    [InlineData("invoice2026", 0)]
    [InlineData("٢٠٢٦", 0)]
    public void Longer_words_may_have_more_mistakes(string word, int mistakes) => Assert.Equal(mistakes, Typos.Allowed(word));

    [Theory]
    [InlineData("milk", "milk", 0)]
    [InlineData("mlik", "milk", 1)] // swapped
    [InlineData("imlk", "milk", 1)] // the first two
    [InlineData("mik", "milk", 1)] // missing
    [InlineData("mil", "milk", 1)]
    [InlineData("millk", "milk", 1)] // too many
    [InlineData("milks", "milk", 1)]
    [InlineData("mild", "milk", 1)] // another one
    [InlineData("quartrely", "quarterly", 1)]
    [InlineData("qarterlly", "quarterly", 2)]
    [InlineData("recieve", "receive", 1)]
    [InlineData("accomodate", "accommodate", 1)]
    [InlineData("definately", "definitely", 1)]
    [InlineData("seperete", "separate", 2)]
    [InlineData("молкоо", "молоко", 1)]
    [InlineData("mail", "milk", 2)]
    [InlineData("xca", "xabc", 3)] // what is swapped is not touched again
    public void Each_mistake_counts_once(string typed, string meant, int mistakes)
    {
        Assert.Equal(mistakes, Typos.Distance(typed, meant));
        Assert.Equal(mistakes, Typos.Distance(meant, typed));
    }

    [Theory]
    [InlineData("silk", "milk")] // the first letter is right
    [InlineData("sank", "bank")]
    [InlineData("ilk", "milk")]
    [InlineData("smilk", "milk")]
    [InlineData("ilmk", "milk")] // swapped with the second one alone
    [InlineData("rep", "report")] // that is a beginning
    [InlineData("reportings", "report")]
    [InlineData("", "a")]
    [InlineData("a", "")]
    public void What_is_another_word_is_none_with_mistakes(string typed, string meant) => Assert.Equal(int.MaxValue, Typos.Distance(typed, meant));

    [Theory]
    [InlineData("milk")]
    [InlineData("quarterly")]
    [InlineData("ёжикъ")]
    public void One_mistake_anywhere_behind_the_first_letter_is_one(string word)
    {
        for (var place = 1; place < word.Length; place++)
        {
            Assert.Equal(1, Typos.Distance(word.Remove(place, 1), word));
            Assert.Equal(1, Typos.Distance(word.Insert(place, "~"), word));
            Assert.Equal(1, Typos.Distance(word.Remove(place, 1).Insert(place, "~"), word));
            Assert.Equal(1, Typos.Distance(word.Remove(place, 1).Insert(place - 1, word[place..(place + 1)]), word)); // swapped with the one before
        }

        Assert.Equal(1, Typos.Distance(word + "~", word));
    }
}
