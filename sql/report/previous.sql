-- Which complete scan of the same source came before this one?
-- $scan text: the scan that is reported
select s.scan_id
from scans as s
inner join scan_order as o
    on o.scan_id = s.scan_id
cross join (
    select
        scans.source,
        scan_order.stored
    from scans
    inner join scan_order
        on scan_order.scan_id = scans.scan_id
    where scans.scan_id = $scan
) as now_
where s.source = now_.source
    and s.complete
    and o.stored < now_.stored
order by o.stored desc
limit 1
