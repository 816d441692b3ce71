using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace TodoFlow.Infrastructure.Assistant.Chat;

/// <summary>
/// Tells texts of tasks that look as if they were meant for a language model: imported tasks, feeds and shared texts may hold what somebody
/// else wrote. It guesses, and rather once too often: the price of a wrong guess is one approval, and what it misses cannot delete, nor
/// change more than five tasks (docs/assistant.md).
/// </summary>
public static class PlantedInstructions
{
    // Longer texts are not read to the end: they count as found.
    private const int Longest = 20_000;

    private static readonly Regex[] Signs =
    [
        // "Ignore the above", "disregard all previous instructions", and the same in German, French, Spanish, Italian and Portuguese.
        Sign(@"\b(ignor\w*|disregard\w*|forget|override|bypass|skip|vergiss|vergesst|missachte\w*|oublie[zr]?|olvida|dimentica|esque[çc]a)\b.{0,40}\b(above|previous|prior|preceding|earlier|before|all|any|every(thing)?|rules?|instructions?|prompts?|system|safety|user|alle[ns]?|obige[ns]?|vorherige[ns]?|bisherige[ns]?|anweisung(en)?|regeln|tout(es)?|pr[ée]c[ée]dent(e?s)?|consignes?|anterior(es)?|instrucciones|todo|tutte|precedenti|istruzioni|instru[çc][õo]es)\b"),
        Sign(@"\b(system|developer|hidden|initial|secret|new|following|these|your|my) (prompts?|instructions?|messages?|rules?|orders|commands?)\b"),
        Sign(@"\b(instructions?|note|message|attention|attn|important|hinweis|anweisung(en)?|nachricht|instrucciones|consignes?) (to|for|f[üu]r|an|para|pour) (the |all |any |an? |den |die |das |el |la |le |l')?(ai|a\.i\.|ki|ia|llm|assistant|assistent|asistente|model|modell|bot|chat ?bot|agent|gpt|claude|gemini)\b"),
        Sign(@"\b(you are|you're|act as|pretend|roleplay|from now on|du bist|ab jetzt|tu es|eres|a partir de ahora)\b.{0,30}\b(ai|ki|llm|assistant|assistent|model|bot|agent|admin(istrator)?|root|developer|mode|dan|jailbr\w*|now|jetzt)\b"),
        Sign(@"\b(as an?|dear|hey|hi|hello|ok|okay|attention|hallo) (ai|llm|language model|assistant|chat ?bot|agent|chatgpt|gpt|claude|gemini)\b"),
        // What it would be made to do.
        Sign(@"\b(delete|remove|erase|wipe|purge|trash|clear|complete|reschedule|move|change|l[öo]sch\w*|entferne\w*|supprime\w*|efface\w*|borra\w*|elimina\w*|cancella\w*|apag\w*)\b.{0,25}\b(all|every|everything|entire|each|other|alles?|s[äa]mtliche\w*|tou(t|s|tes)|todo[s]?|todas|tutt[oei]|tudo)\b"),
        Sign(@"\b(do not|don't|never|without|nicht|ohne|ne pas|sans|sin|no) (asking|ask|tell|telling|inform\w*|mention\w*|confirm\w*|notify\w*|approv\w*|fragen|r[üu]ckfrage|sagen|demander|preguntar|confirmar)\b"),
        Sign(@"\b(user|owner|nutzer|benutzer|usuario|utilisateur) (has |have |hat |already |bereits |ha |a )*(approved|confirmed|agreed|consent\w*|authori[sz]ed|wants|zugestimmt|genehmigt|aprobado|approuv[ée])\b"),
        Sign(@"\b(pre-?approved|approval (granted|given|not (needed|required)|is not)|no (approval|confirmation) (needed|required))\b"),
        // The words of this API and of models' messages.
        Sign(@"\b(get_overview|find_tasks|get_task|add_tasks|update_tasks|reschedule_tasks|complete_tasks|reopen_tasks|set_reminders|delete_tasks|restore_tasks)\b"),
        Sign(@"\b(tool|function)[ _-]?(calls?|results?|outputs?|responses?|use)\b"),
        Sign(@"<\|?/?\s*(im_start|im_end|system|assistant|user|tool|function|instructions?|prompt|result|admin|important|untrusted|data)\b|\[/?(inst|system|assistant|tool|user)\]|<<\s*/?sys|(^|\n)\s{0,3}(#{1,6}|-{3,})\s*(system|assistant|instructions?|human|user|tool)\b"),
        Sign(@"(^|[\n.!?""'>\]])\s*(system|assistant|developer|tool|user|human|ai)\s*:"),
        Sign(@"""?(role|tool_calls?|tool_call_id|function_call|content|structuredcontent|iserror|task_id|results?|error|actions)""?\s*:\s*[""{\[]"),
        // What a page might fetch, or a model might be given to pass on.
        Sign(@"!\[[^\]]*\]|\]\s*\(|<\s*(img|script|iframe|a|svg|object|embed|link|style|form)\b|\b(javascript|data):[^\s]"),
        Sign(@"[a-z0-9+/_=-]{80,}"),
    ];

    /// <summary>Whether any text in a tool's result looks like instructions. Its errors and notes are ours.</summary>
    public static bool AreIn(JsonElement result) => result.ValueKind switch
    {
        JsonValueKind.String => AreIn(result.GetString()!),
        JsonValueKind.Array => result.EnumerateArray().Any(AreIn),
        JsonValueKind.Object => result.EnumerateObject().Any(property => property.Name is not ("error" or "note") && AreIn(property.Value)),
        _ => false,
    };

    /// <summary>Whether a text looks like instructions.</summary>
    public static bool AreIn(string text)
    {
        if (text.Length > Longest)
        {
            return true;
        }

        var read = Readable(text, out var hides);
        return hides || Array.Exists(Signs, sign => sign.IsMatch(read));
    }

    // As a model reads it: what is not shown is not there. Letters that nobody sees are a sign by themselves.
    private static string Readable(string text, out bool hides)
    {
        (var read, hides) = (new StringBuilder(text.Length), false);
        foreach (var rune in text.EnumerateRunes())
        {
            hides |= rune.Value is (>= 0xE0000 and <= 0xE007F) or (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069);
            if (Rune.GetUnicodeCategory(rune) != UnicodeCategory.Format && rune.Value is not (>= 0xFE00 and <= 0xFE0F))
            {
                read.Append(Plain(rune));
            }
        }

        return Spaces.Replace(read.ToString(), " ");
    }

    // Letters in other dress: full-width, and mathematical alphabets. The hosts run without ICU, which would know all of them.
    private static Rune Plain(Rune rune) => rune.Value switch
    {
        0x3000 => new(' '),
        >= 0xFF01 and <= 0xFF5E and var wide => new(wide - 0xFEE0),
        >= 0x1D400 and <= 0x1D6A3 and var letter => new((letter - 0x1D400) % 52 is var place && place < 26 ? 'A' + place : 'a' + place - 26),
        >= 0x1D7CE and <= 0x1D7FF and var digit => new('0' + ((digit - 0x1D7CE) % 10)),
        _ => rune,
    };

    private static Regex Sign(string pattern) => new(pattern, RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.Singleline);

    private static readonly Regex Spaces = new(@"[ \t*~`]+", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
}
