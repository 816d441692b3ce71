-- A function of SQL that PostgreSQL cannot put into the statement around it is read from the catalog and planned anew by each statement that
-- calls it: a third of what a new task's row took. One of PL/pgSQL is planned once in a connection. What they return stays
-- as it is, so nothing that is stored or indexed has to be made again. Whoever keeps an index up to date may have no search path: those of
-- PL/pgSQL name nothing but what is PostgreSQL's own.

create or replace function task_search_vector(title text, description text, tags text[]) returns tsvector
    language plpgsql immutable parallel safe as $$
    begin
        return setweight(to_tsvector('simple'::regconfig, title), 'A')
            || setweight(to_tsvector('simple'::regconfig, coalesce(description, '')), 'B')
            || setweight(to_tsvector('simple'::regconfig, array_to_string(tags, ' ')), 'C');
    end $$;

-- To PostgreSQL, array_to_string is only stable, which keeps a function out of the statement. Cheap enough to be called three times for one text.
create or replace function tags_text(tags text[]) returns text
    language plpgsql immutable parallel safe cost 1 as $$
    begin
        return array_to_string(tags, ' ');
    end $$;

-- The words of a task as they are compared; search_vector has them as they are written.
create or replace function task_folded_words(title text, description text, tags text[]) returns tsvector
    language sql immutable parallel safe
    return setweight(to_tsvector('simple'::regconfig, search_text(title)), 'A')
        || setweight(to_tsvector('simple'::regconfig, search_text(coalesce(description, ''))), 'B')
        || setweight(to_tsvector('simple'::regconfig, search_text(tags_text(tags))), 'C');

-- Each word of folded texts with the user before it; each three letters in a row of the title, behind a #, by which parts of words and mistyped
-- words are found; and the user alone, by which "everything but" is found. The end of a UUID is its random part; should two users share it, the
-- condition on the user tells them apart. A query has 500 characters at most.
create or replace function task_words(user_id uuid, title text, description text, tags text) returns tsvector
    language plpgsql immutable parallel safe cost 1000 as $$
    declare
        owner constant text := right(user_id::text, 12);
    begin
        return array_to_tsvector(array(
            select owner || left(word, 500) from unnest(tsvector_to_array(
                to_tsvector('simple'::regconfig, title) || to_tsvector('simple'::regconfig, description) || to_tsvector('simple'::regconfig, tags))) as word
            union all select owner || '#' || substr(title, place, 3) from generate_series(1, char_length(title) - 2) as place
                where strpos(substr(title, place, 3), ' ') = 0
            union all select owner));
    end $$;

-- What a task is found by.
create or replace function task_search_keys(user_id uuid, title text, description text, tags text[]) returns tsvector
    language sql immutable parallel safe
    return task_words(user_id, search_text(title), search_text(coalesce(description, '')), search_text(tags_text(tags)));

-- task_words(uuid, tsvector) and search_parts are not used any more. They stay for a version: a statement that is under way may call them yet.

-- Connections that are open have put the old bodies into what they know of the index, and would find it fit for no search: they look again.
alter index ix_task_item_search set (gin_pending_list_limit = 256);
