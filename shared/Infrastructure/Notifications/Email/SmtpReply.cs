namespace TodoFlow.Infrastructure.Notifications.Email;

/// <summary>What an SMTP server answers to a command (RFC 5321 section 4.2).</summary>
/// <param name="Code">Three digits.</param>
/// <param name="Lines">The text of each line.</param>
internal sealed record SmtpReply(int Code, IReadOnlyList<string> Lines)
{
    /// <summary>Whether it is a positive completion, 2yz.</summary>
    public bool IsPositive => Code is >= 200 and < 300;

    /// <summary>Whether a service extension is among the lines of an answer to EHLO.</summary>
    public bool Offers(string keyword) => Parameters(keyword) is not null;

    /// <summary>The parameters of a service extension; null where it is not offered.</summary>
    public string[]? Parameters(string keyword) => Lines.Skip(1) // the first line greets
        .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .FirstOrDefault(words => words.Length > 0 && words[0].Equals(keyword, StringComparison.OrdinalIgnoreCase))?[1..];
}

/// <summary>A server refused something, or does not keep to the protocol. Neither its text nor any address is part of the message.</summary>
/// <param name="reason">Why, in a stable word or as <c>smtp_</c> with the code of the reply.</param>
/// <param name="isForGood">Whether this message can never be sent.</param>
internal sealed class SmtpRefusedException(string reason, bool isForGood = false) : Exception(reason)
{
    /// <summary>Why, in a stable word or as <c>smtp_</c> with the code of the reply.</summary>
    public string Reason => Message;

    /// <summary>Whether this message can never be sent.</summary>
    public bool IsForGood { get; } = isForGood;
}
