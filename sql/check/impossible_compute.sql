-- Which figures cannot be: zero, negative, not finite, or above 1e28 FLOP?
-- $scan text: the scan to check
select
    repo_id,
    compute_flop,
    compute_method
from estimates
where scan_id = $scan
    and compute_flop is not null
    and (not isfinite(compute_flop) or compute_flop <= 0 or compute_flop > 1e28)
order by repo_id
