-- Takes out analytics (module core), with its data.

set local lock_timeout = '10s';
set local statement_timeout = '10min';

select ratebook.assert_removable('75_analytics');
delete from ratebook.manifest where domain = '75_analytics';
drop view billing.revenue_by_day;
drop view billing.usage_by_day;
