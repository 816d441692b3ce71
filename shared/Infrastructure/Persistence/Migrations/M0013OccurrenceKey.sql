-- The key of this database's ids of occurrences: what keeps clients from knowing them beforehand. It has 244 random bits.

create table occurrence_key (
    key bytea not null constraint pk_occurrence_key primary key
);
create unique index ix_occurrence_key_only_one on occurrence_key ((true));
insert into occurrence_key values (uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));
