-- Repositories of the newest scan that were made from another, with what they added to it.
select e.*
from estimates as e
where e.scan_id = (select max_by(scan_id, stored) from scan_order)
    and e.relation <> 'base'
