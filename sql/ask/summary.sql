-- How many models and entities are in scope and above each threshold, and how many are unknown?
-- $scan text = latest: the scan to answer from
select
    regime,
    rule,
    threshold,
    models_in as "in",
    models_unknown as unknown,
    models_out as "out",
    entities_in,
    entities_unknown,
    expected,
    expected_low,
    expected_high,
    definition
from answers
where scan_id = $scan
    and unit = 'models'
order by regime = 'threshold', regime, tier, rule, threshold
