-- Which repositories have neither training compute nor a reason, or both?
-- $scan text: the scan to check
select
    repo_id,
    compute_flop,
    compute_method,
    skip_reason
from estimates
where scan_id = $scan
    and (compute_flop is null) <> (skip_reason is not null)
order by repo_id
