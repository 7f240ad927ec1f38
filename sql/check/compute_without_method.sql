-- Which figures of training compute do not say how they were made?
-- $scan text: the scan to check
select
    repo_id,
    compute_flop
from estimates
where scan_id = $scan
    and compute_flop is not null
    and compute_method is null
order by repo_id
