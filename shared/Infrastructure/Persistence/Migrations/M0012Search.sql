-- What follows is done again where the index could not be made at first: that is outside of the transaction.

-- One text for all ways to write a word: compatibility forms (NFKC), case and accents are gone, and letters with a stroke are without it.
-- й is a letter of its own, as in the root of Unicode's CLDR; ё is е. Vowel signs of scripts that need them stay (Indic, Thai, kana).
-- Each character of a script without spaces, of Korean, whose words are parts of longer ones, and each emoji is a word of its own; those
-- beside each other are a phrase. The parser of words drops emoji: one becomes a letter that no keyboard has, with the emoji's number.
create or replace function search_other_text(given text) returns text
    language plpgsql immutable parallel safe as $$
    begin
        given := lower(normalize(given, NFKD) collate "und-x-icu"); -- ICU's, which is the same in every database
        given := regexp_replace(
            given collate "C",
            -- accents (not the breve of й), Hebrew and Arabic points and tatweel, what is not seen, variants and skin colours of emoji
            '(?<!\u0438)\u0306|[\u00ad\u0300-\u0305\u0307-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u061c'
            '\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u180b-\u180f\u1ab0-\u1aff\u1dc0-\u1dff\u200b-\u200f'
            '\u202a-\u202e\u2060-\u206f\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f\ufeff\U0001f3fb-\U0001f3ff\U000e0000-\U000e01ef]',
            '', 'g');
        given := normalize(given, NFC);
        given := translate(
            given,
            'łøđħŧıĸŋðƒƀɓƈɖɗɇǥɠɨɉƙƚɲƞɵƥɍƫƭʉʋɏƴƶȥȼⱥⱦςىیکةٱہھە٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹०१२३४५६७८९',
            'lodhtikndfbbcddeggijklnnoprttuvyyzzcatσييكهاههه012345678901234567890123456789');
        given := replace(replace(replace(replace(given, 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th');
        given := regexp_replace(
            given,
            '([\u0e00-\u109f\u1100-\u11ff\u1780-\u17ff\u3005-\u3007\u3021-\u3029\u3040-\u312f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff'
            '\ua000-\ua4cf\uac00-\ud7ff\U00020000-\U000323af])',
            ',\1,', 'g');
        if given ~ '[\u2190-\u2bff\U0001f000-\U0001faff]' then
            select string_agg(
                    case when piece ~ '^[\u2190-\u2bff\U0001f000-\U0001faff]' then ' ꙮ' || to_hex(ascii(piece)) || ' ' || substr(piece, 2) else piece end,
                    '' order by place)
                into given
                from regexp_split_to_table(given, '(?=[\u2190-\u2bff\U0001f000-\U0001faff])') with ordinality as split (piece, place);
        end if;
        return given;
    end $$;

-- Most texts are ASCII alone, for which PostgreSQL calls no function: it puts this one's body in its place.
create or replace function search_text(given text) returns text
    language sql immutable parallel safe
    return case when octet_length(given) = char_length(given) then lower(given collate "C") else search_other_text(given) end;

-- The words of a task as they are compared; search_vector has them as they are written.
create or replace function task_folded_words(title text, description text, tags text[]) returns tsvector
    language sql immutable parallel safe
    return setweight(to_tsvector('simple'::regconfig, search_text(title)), 'A')
        || setweight(to_tsvector('simple'::regconfig, search_text(coalesce(description, ''))), 'B')
        || setweight(to_tsvector('simple'::regconfig, search_text(array_to_string(tags, ' '))), 'C');

-- Each three letters in a row, behind a #: by them parts of words and mistyped words are found.
create or replace function search_parts(given text) returns tsvector
    language sql immutable parallel safe
    return array_to_tsvector(array(
        select '#' || substr(given, place, 3) from generate_series(1, char_length(given) - 2) as place where strpos(substr(given, place, 3), ' ') = 0));

-- What a task is found by: its words, and the parts of its title's. task_words puts the user before each of them.
create or replace function task_search_keys(user_id uuid, title text, description text, tags text[]) returns tsvector
    language sql immutable parallel safe
    return task_words(user_id, task_folded_words(title, description, tags) || search_parts(search_text(title)));

-- What finds at least the tasks that match: of nothing but words that must all be there, parts of words too; phrases as their words, and
-- then nothing of what is excluded. Not parallel: not knowing the words, PostgreSQL expects a 200th of all rows, and would start workers.
create or replace function task_words_query(user_id uuid, sought tsquery) returns tsquery
    language sql immutable parallel unsafe
    return case
        when numnode(sought) = 0 then ''
        when sought::text ~ '[<]' then case querytree(sought)
            when 'T' then '''' || right(user_id::text, 12) || ''''
            else regexp_replace(
                regexp_replace(querytree(sought), '<[-0-9]+>', '&', 'g'),
                '''((?:[^''\\]|''''|\\.)*)''', '''' || right(user_id::text, 12) || '\1''', 'g')
            end
        when sought::text ~ '[|!]' then '''' || right(user_id::text, 12) || ''' & (' || regexp_replace(
            sought::text, '''((?:[^''\\]|''''|\\.)*)''', '''' || right(user_id::text, 12) || '\1''', 'g') || ')'
        else (
            select string_agg(
                '(' || overlay(word placing '''' || right(user_id::text, 12) from 1 for 1) || coalesce((
                    select ' | ' || string_agg('''' || right(user_id::text, 12) || '#' || substr(plain, place, 3) || '''', ' & ')
                    from generate_series(1, char_length(plain) - 2) as place), '') || ')', ' & ')
            from unnest(string_to_array(sought::text, ' & ')) as word
            cross join lateral substring(word, '^''([^''\\]+)''') as plain)
        end::tsquery;

-- Texts are stored in the form NFC. Few rows are in another one; only those are written. Of tags that are the same then, the first stays.
update task_item set title = normalize(title, NFC), description = normalize(description, NFC), tags = array(
        select normalized from (
            select normalize(tag, NFC) as normalized, min(place) as first from unnest(tags) with ordinality as own (tag, place) group by 1
        ) as own order by first)
    where octet_length(title) <> char_length(title) and title is not nfc normalized
        or octet_length(description) <> char_length(description) and description is not nfc normalized
        or array_to_string(tags, ' ') is not nfc normalized;
update trashed_task set task = normalize(task::text, NFC)::jsonb where task::text is not nfc normalized;
drop index if exists ix_task_item_search; -- one that was left half made
