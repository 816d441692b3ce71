using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using TodoFlow.Infrastructure.Notifications.WebPush;
using Xunit;

namespace TodoFlow.Tests.Unit.WebPush;

/// <summary>Messages as RFC 8291 encrypts them. What a browser makes of them is in <c>PushReceiverTests</c>.</summary>
public sealed class PushEncryptionTests
{
    // RFC 8291 section 5 and appendix A.
    private const string Message = "When I grow up, I want to be a watermelon";
    private const string Receiver = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
    private const string Auth = "BTBZMqHH6r4Tts7J_aSIgg";
    private const string SenderPublic = "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8";
    private const string SenderPrivate = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw";
    private const string Salt = "DGv6ra1nlYgDCS1FRnbzlw";
    private const string Encrypted =
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_"
        + "yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN";

    [Fact]
    public void The_example_of_RFC_8291_comes_out_byte_for_byte()
    {
        using var sender = ECDiffieHellman.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = CurvePoint.Read(Bytes(SenderPublic)),
            D = Bytes(SenderPrivate),
        });

        var encrypted = PushEncryption.Encrypt(Encoding.UTF8.GetBytes(Message), Bytes(Receiver), Bytes(Auth), sender, Bytes(Salt));

        Assert.Equal(Encrypted, Base64Url.EncodeToString(encrypted));
    }

    [Fact]
    public void The_longest_message_fills_what_a_push_service_takes_and_a_longer_one_is_refused()
    {
        Assert.Equal(3993, PushEncryption.LongestMessage); // RFC 8291 section 4
        Assert.Equal(4096, PushEncryption.Encrypt(new byte[3993], Bytes(Receiver), Bytes(Auth)).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => PushEncryption.Encrypt(new byte[3994], Bytes(Receiver), Bytes(Auth)));
    }

    [Fact]
    public void No_two_messages_share_a_key_or_a_salt()
    {
        var headers = Enumerable.Range(0, 50).Select(_ => PushEncryption.Encrypt([], Bytes(Receiver), Bytes(Auth))).ToList();

        Assert.Equal(50, headers.DistinctBy(body => Convert.ToHexString(body, 0, 16)).Count());
        Assert.Equal(50, headers.DistinctBy(body => Convert.ToHexString(body, 21, 65)).Count());
    }

    [Theory]
    [InlineData(Receiver, true)]
    [InlineData(SenderPublic, true)]
    // One bit of the last byte of y is another.
    [InlineData("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw8", false)]
    // A compressed point, and one without its coordinates.
    [InlineData("AyVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcx", false)]
    [InlineData("BA", false)]
    // A prefix of another format (hybrid).
    [InlineData("BiVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4", false)]
    // x = 2^256 - 1 is no number of the field; x = y = 0 is no point.
    [InlineData("BP____________________________________________________________________________________________________8", false)]
    [InlineData("BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", false)]
    public void Only_points_of_the_curve_are_public_keys(string key, bool isValid)
    {
        var bytes = CurvePoint.Decode(key);
        Assert.NotNull(bytes);
        Assert.Equal(isValid, CurvePoint.IsValid(bytes));
    }

    private static byte[] Bytes(string text) => Base64Url.DecodeFromChars(text);
}
