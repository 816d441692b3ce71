-- What follows is done again where the index could not be made at first: that is outside of the transaction.

-- Titles as a reader of a language expects them: letters first, then accents, then case (the root of Unicode's CLDR, by ICU).
create collation if not exists title_order (provider = icu, locale = 'und');
drop index if exists ix_task_item_user_id_title; -- one that was left half made

-- Zones that were stored in another case, which only a process found that had read them before.
create temporary table canonical_zone on commit drop as
    select name, lower(name) as lower_name from pg_timezone_names where name !~ '^(posix|right)/';
update app_user set time_zone = name from canonical_zone
    where lower_name = lower(time_zone) and time_zone not in (select name from canonical_zone);
update notification_preference set time_zone = name from canonical_zone
    where lower_name = lower(time_zone) and time_zone not in (select name from canonical_zone);
update task_item set time_zone = name from canonical_zone
    where lower_name = lower(time_zone) and time_zone not in (select name from canonical_zone);
