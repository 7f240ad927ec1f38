-- How did the plain counts develop over the scans up to this one?
-- $scan text: the scan that is reported
select
    s.scan_id,
    s.as_of,
    a.threshold,
    a.unit,
    a.models_in,
    a.models_unknown,
    a.entities_in,
    a.expected
from answers as a
inner join scans as s
    on s.scan_id = a.scan_id
inner join scan_order as o
    on o.scan_id = s.scan_id
where a.tier = 'threshold'
    and s.complete
    and o.stored <= (select stored from scan_order where scan_id = $scan)
order by o.stored, a.threshold, a.unit
