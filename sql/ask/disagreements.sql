-- Where do operations and hardware time disagree by more than three times?
-- $scan text = latest: the scan to answer from
select
    repo_id,
    architecture_flop,
    hardware_flop,
    methods_ratio,
    parameters_active,
    tokens,
    accelerator_hours,
    accelerator_model,
    utilisation
from estimates
where scan_id = $scan
    and list_contains(flags, 'methods_disagree')
order by abs(ln(methods_ratio)) desc, repo_id
