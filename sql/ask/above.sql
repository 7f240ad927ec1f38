-- Which models are above a training compute, largest first?
-- $scan text = latest: the scan to answer from
-- $threshold double = 1e23: training compute in FLOP
-- $rows bigint = 50: rows at most
select
    repo_id,
    entity_id,
    compute_flop,
    compute_flop_low,
    compute_flop_high,
    compute_method,
    parameters_total,
    tokens,
    flags
from estimates
where scan_id = $scan
    and relation = 'base'
    and compute_flop > $threshold
order by compute_flop desc, repo_id
limit $rows
