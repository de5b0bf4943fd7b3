select ratebook.take_schema('media', 'Stored files: where each object lies.');
select ratebook.take_schema('content', 'What lensers made and keep: their media library.');
