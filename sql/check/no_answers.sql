-- Does the scan have no answer at all?
-- $scan text: the scan to check
select s.scan_id
from scans as s
left join answers as a
    on a.scan_id = s.scan_id
where s.scan_id = $scan
group by s.scan_id
having count(a.scan_id) = 0
