-- Which repositories are stored more than once in a scan?
-- $scan text: the scan to check
select
    repo_id,
    count(*) as copies
from estimates
where scan_id = $scan
group by repo_id
having count(*) > 1
order by repo_id
