-- Takes Ratebook out, with all of its data. What the platform gives (roles, auth, extensions) stays.
drop schema if exists compat, billing, ai, content, media, lensers, ratebook cascade;
drop type if exists public.pricing_tier_enum;
