create type ai.health_enum as enum ('healthy', 'degraded', 'rate_limited');

comment on type ai.health_enum is 'How a model or provider answers at the moment.';
