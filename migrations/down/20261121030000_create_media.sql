-- Takes out media (module core), with its data.

set local lock_timeout = '10s';
set local statement_timeout = '10min';

select ratebook.assert_removable('30_media');
delete from ratebook.manifest where domain = '30_media';
drop view content.all_media_library;
drop view media.all_objects;
drop view ratebook.all_media_library;
drop view ratebook.all_objects;
drop table content.media_library;
select ratebook.give_back_schema('content');
drop table media.objects;
select ratebook.give_back_schema('media');
