-- How many models and entities are above each threshold, by rule set, and how many are unknown?
-- $scan text = latest: the scan to answer from
select
    regime,
    rule,
    metric,
    comparator,
    threshold,
    unit,
    models_in,
    models_unknown,
    models_out,
    entities_in,
    expected,
    expected_low,
    expected_high,
    definition
from answers
where scan_id = $scan
order by regime, tier, rule, threshold, unit
