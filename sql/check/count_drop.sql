-- Which counts fell beyond the set share, and by more than the three units that are noise?
-- $scan text: the scan to check
-- $previous text: the scan published last
-- $largest_drop double: share by which a count may fall
select
    a.regime,
    a.rule,
    a.unit,
    a.threshold,
    before.models_in as models_before,
    a.models_in as models_now
from answers as a
inner join answers as before
    on before.scan_id = $previous
    and before.regime = a.regime
    and before.rule = a.rule
    and before.unit = a.unit
    and before.threshold is not distinct from a.threshold
where a.scan_id = $scan
    and a.models_in < (1 - $largest_drop) * before.models_in
    and before.models_in - a.models_in > 3
order by a.regime, a.rule, a.unit, a.threshold
