-- Which repositories were listed and have no row of estimates, or the other way round?
-- $scan text: the scan to check
select
    coalesce(r.repo_id, e.repo_id) as repo_id,
    e.repo_id is null as without_estimate
from (select repo_id from repositories where scan_id = $scan) as r
full outer join (select repo_id from estimates where scan_id = $scan) as e
    on e.repo_id = r.repo_id
where r.repo_id is null or e.repo_id is null
order by 1
