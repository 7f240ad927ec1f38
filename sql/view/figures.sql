-- Facts of the newest scan: the figure, and the file, line and words it was read from.
select f.*
from facts as f
where f.scan_id = (select max_by(scan_id, stored) from scan_order)
