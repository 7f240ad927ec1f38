-- Which models have no compute estimate, and what is missing? Most downloaded first.
-- $scan text = latest: the scan to answer from
-- $rows bigint = 50: rows at most
select
    repo_id,
    entity_id,
    skip_reason,
    parameters_total,
    tokens,
    accelerator_hours,
    accelerator_model,
    downloads_30d
from estimates
where scan_id = $scan
    and relation = 'base'
    and compute_flop is null
order by downloads_30d desc nulls last, parameters_total desc nulls last, repo_id
limit $rows
