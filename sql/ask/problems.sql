-- What could not be read, by reason?
-- $scan text = latest: the scan to answer from
select
    reason,
    count(*) as cases,
    any_value(repo_id order by repo_id, file, detail) as example,
    any_value(detail order by repo_id, file, detail) as detail
from problems
where scan_id = $scan
group by reason
order by cases desc, reason
