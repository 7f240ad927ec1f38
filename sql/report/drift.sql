-- How did the counts move between two scans?
-- $scan text: the scan that is reported
-- $previous text: the scan before, or nothing
select
    a.regime,
    a.rule,
    a.unit,
    a.threshold,
    before.models_in as models_before,
    a.models_in,
    before.entities_in as entities_before,
    a.entities_in,
    before.models_unknown as unknown_before,
    a.models_unknown
from answers as a
left join answers as before
    on before.scan_id = $previous
    and before.regime = a.regime
    and before.rule = a.rule
    and before.unit = a.unit
    and before.threshold is not distinct from a.threshold
where a.scan_id = $scan
order by a.regime, a.rule, a.unit, a.threshold
