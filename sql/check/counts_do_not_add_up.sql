-- Which answers lie outside what is possible: negative, or more entities than units above?
-- $scan text: the scan to check
select
    regime,
    rule,
    unit,
    models_in,
    models_out,
    models_unknown,
    entities_in
from answers
where scan_id = $scan
    and (
        least(models_in, models_out, models_unknown, entities_in, entities_unknown) < 0
        or entities_in > models_in
        or expected_low > expected_high
    )
order by regime, rule, unit
