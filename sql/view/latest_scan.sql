-- The newest scan.
select *
from scans
where scan_id = (select max_by(scan_id, stored) from scan_order)
