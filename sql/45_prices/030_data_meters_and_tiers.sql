-- Reference data that the logic needs. Its audit entries say whose it is: a copy of another database may replace it.
select set_config('request.headers', '{"x-request-id": "ratebook migration"}', true);

insert into ai.meters (key, name, description, unit_type, counts_as_input, falls_back_to) values
('tokens', 'Tokens', 'A token of any kind. Prices a bare token count and ends every token chain.', 'tokens', true, null),
('input', 'Input tokens', 'A token read at the plain price: no other meter''s token.', 'tokens', true, 'tokens'),
('output', 'Output tokens', 'A token written: no other meter''s token.', 'tokens', false, 'tokens'),
('cache_read', 'Cached input tokens', 'An input token read from a cache.', 'tokens', true, 'input'),
('cache_write', 'Cache write tokens', 'An input token written to a cache.', 'tokens', true, 'input'),
('cache_write_1h', 'Cache write tokens, one hour', 'An input token kept for an hour.', 'tokens', true, 'cache_write'),
('cache_write_12h', 'Cache write tokens, twelve hours', 'An input token kept for twelve hours.', 'tokens', true, 'cache_write'),
('reasoning', 'Reasoning tokens', 'A token of thought that is written but not part of the answer.', 'tokens', false, 'output'),
('input_audio', 'Audio input tokens', 'A token of sound read.', 'tokens', true, 'input'),
('input_image', 'Image input tokens', 'A token of a picture read.', 'tokens', true, 'input'),
('input_video', 'Video input tokens', 'A token of a video read.', 'tokens', true, 'input'),
('output_audio', 'Audio output tokens', 'A token of sound made.', 'tokens', false, 'output'),
('output_image', 'Image output tokens', 'A token of a picture made.', 'tokens', false, 'output'),
('output_video', 'Video output tokens', 'A token of a video made.', 'tokens', false, 'output'),
('cache_read_audio', 'Cached audio input tokens', 'A token of sound read from a cache.', 'tokens', true, 'cache_read'),
('cache_read_image', 'Cached image input tokens', 'A token of a picture read from a cache.', 'tokens', true, 'cache_read'),
('cache_write_audio', 'Audio cache write tokens', 'A token of sound written to a cache.', 'tokens', true, 'cache_write'),
('citation', 'Citation tokens', 'A token of a source that the answer cites.', 'tokens', false, 'input'),
('image', 'Images', 'One picture made.', 'image', false, null),
('input_image_count', 'Images read', 'One picture read, where pictures are counted and not their tokens.', 'image', false, null),
('pixel', 'Pixels', 'One pixel made.', 'pixel', false, null),
('input_pixel', 'Pixels read', 'One pixel read.', 'pixel', false, null),
('video_second', 'Video seconds', 'One second of video made.', 'video_second', false, null),
('input_video_second', 'Video seconds read', 'One second of video read.', 'video_second', false, null),
('audio_second', 'Audio seconds', 'One second of audio, made or read.', 'audio_second', false, null),
('input_audio_second', 'Audio seconds read', 'One second of audio read.', 'audio_second', false, 'audio_second'),
('output_audio_second', 'Audio seconds made', 'One second of audio made.', 'audio_second', false, 'audio_second'),
('compute_second', 'Compute seconds', 'One second of the machine.', 'second', false, null),
('input_character', 'Characters read', 'One character read.', 'character', false, null),
('output_character', 'Characters written', 'One character written.', 'character', false, null),
('page', 'Pages', 'One page of a document read.', 'page', false, null),
('annotated_page', 'Annotated pages', 'One page read with annotations.', 'page', false, 'page'),
('request', 'Requests', 'One request, whatever it holds.', 'request', false, null),
('query', 'Queries', 'One search query or message sent to the model.', 'request', false, null),
('web_search', 'Web searches', 'One search of the web by a tool; variant: the size of its context.', 'request', false, null),
('map_query', 'Map queries', 'One grounding query to a map.', 'request', false, null),
('file_search', 'File searches', 'One search in stored files.', 'request', false, null),
('session', 'Sessions', 'One session of a tool, such as a code interpreter.', 'request', false, null),
('storage_gigabyte_day', 'Storage', 'One gigabyte kept for a day.', 'gigabyte_day', false, null);

insert into ai.service_tiers (key, description, tries_chain_first) values
('standard', 'The plain service; its prices apply where another tier has none.', false),
('batch', 'Answered within a day, usually cheaper.', true),
('flex', 'Answered when there is room, usually cheaper.', false),
('balanced', 'Between flex and standard.', false),
('priority', 'Answered first, usually dearer.', false),
('ultrafast', 'Answered fastest, dearest.', false),
('decisions', 'Short answers that choose among options.', false);

select set_config('request.headers', '', true);
