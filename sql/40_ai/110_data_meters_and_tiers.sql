-- Reference data that the logic needs.
insert into ai.meters (key, name, description, unit_type, counts_as_input, falls_back_to) values
('tokens', 'Tokens', 'A token of any kind. Prices a bare token count and ends every token chain.', 'tokens', true, null),
('input', 'Input tokens', 'A token read by the model at the plain price: not read from a cache, not written to one.', 'tokens', true, 'tokens'),
('output', 'Output tokens', 'A token written by the model.', 'tokens', false, 'tokens'),
('cache_read', 'Cached input tokens', 'An input token read from a cache.', 'tokens', true, 'input'),
('cache_write', 'Cache write tokens', 'An input token written to a cache.', 'tokens', true, 'input'),
('image', 'Images', 'One picture made.', 'image', false, null),
('video_second', 'Video seconds', 'One second of video made.', 'video_second', false, null),
('audio_second', 'Audio seconds', 'One second of audio made or read.', 'audio_second', false, null);

insert into ai.service_tiers (key, description, tries_chain_first) values
('standard', 'The plain service; its prices apply where another tier has none.', false),
('batch', 'Answered within a day, usually cheaper.', true),
('flex', 'Answered when there is room, usually cheaper.', false),
('priority', 'Answered first, usually dearer.', false);
