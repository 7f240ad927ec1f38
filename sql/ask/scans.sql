-- Which scans are stored, and how complete is each?
select
    s.scan_id,
    s.source,
    s.as_of,
    s.repositories,
    s.quarantined,
    s.shards_present,
    s.shards_expected,
    s.complete,
    s.code_version
from scans as s
inner join scan_order as o on o.scan_id = s.scan_id
order by o.stored
