begin;
set local search_path = tap, pg_catalog;
select plan(14);

insert into ai.meters (key, name, description, unit_type, falls_back_to) values
('alpha', 'A', 'a', 'tokens', 'tokens'),
('beta', 'B', 'b', 'tokens', 'alpha'),
('gamma', 'C', 'c', 'tokens', 'beta');
select pass('a chain of three is fine');
select tests.refused(
  $$update ai.meters set falls_back_to = 'alpha' where key = 'alpha'$$, 'cyclic_fallback', 'PT422', 'to itself'
);
select tests.refused(
  $$update ai.meters set falls_back_to = 'beta' where key = 'alpha'$$, 'cyclic_fallback', 'PT422', 'to its neighbour'
);
select tests.refused(
  $$update ai.meters set falls_back_to = 'gamma' where key = 'alpha'$$, 'cyclic_fallback', 'PT422', 'around three'
);
select tests.refused(
  $$
  insert into ai.meters (key, name, description, unit_type, falls_back_to) values
  ('yin', 'Y', 'y', 'tokens', 'yang'), ('yang', 'Y', 'y', 'tokens', 'yin')
  $$, 'cyclic_fallback', 'PT422', 'around two of one statement'
);
select tests.refused(
  $$
  insert into ai.meters (key, name, description, unit_type, falls_back_to) values ('me', 'M', 'm', 'tokens', 'me')
  $$, 'cyclic_fallback', 'PT422', 'a new one to itself'
);
select tests.violates(
  $$update ai.meters set falls_back_to = 'image' where key = 'alpha'$$, 'meters_falls_back_to_fkey',
  'a fallback counts in another unit'
);
select tests.violates(
  $$update ai.meters set falls_back_to = 'nothing' where key = 'alpha'$$, 'meters_falls_back_to_fkey',
  'a fallback that is not there'
);
select tests.violates(
  $$delete from ai.meters where key = 'alpha'$$, 'meters_falls_back_to_fkey', 'a meter that others fall back to stays'
);
select tests.violates(
  format($$insert into ai.meters (key, name, description, unit_type) values (%L, 'N', 'd', 'tokens')$$, k.key),
  'key_is_a_machine_key', 'no key: ' || k.key
)
from (values (''), ('Input'), ('1st'), ('a-b'), (repeat('a', 64))) as k (key);

select * from finish();
rollback;
