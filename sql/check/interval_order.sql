-- Where does an interval not hold its central value?
-- $scan text: the scan to check
select
    repo_id,
    compute_flop_low,
    compute_flop,
    compute_flop_high
from estimates
where scan_id = $scan
    and (compute_flop_low > compute_flop or compute_flop > compute_flop_high)
order by repo_id
