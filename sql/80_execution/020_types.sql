create type execution.visibility_enum as enum ('private', 'public');

create type execution.evaluation_state_enum as enum ('draft', 'open', 'closed');

create type execution.run_state_enum as enum ('running', 'finished', 'cancelled');

comment on type execution.visibility_enum is
'Who reads an evaluation: private, its owner and admins; public, everybody, anonymous visitors included.';
comment on type execution.evaluation_state_enum is
'How far an evaluation is: draft, contenders and judges are chosen; open, runs may be started; closed, none may. From draft to open, between open and closed; never back to draft.';
comment on type execution.run_state_enum is
'How far a run is: running takes submissions and scores; finished and cancelled end it for good. What was cancelled counts in no leaderboard.';
