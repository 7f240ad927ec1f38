-- Why repositories of the newest scan have no training compute, counted.
select
    coalesce(e.skip_reason, 'estimated') as reason,
    count(*) as repositories
from estimates as e
where e.scan_id = (select max_by(scan_id, stored) from scan_order)
group by 1
