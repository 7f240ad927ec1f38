-- Verdicts of the newest scan that say in, with the reason.
select v.*
from verdicts as v
where v.scan_id = (select max_by(scan_id, stored) from scan_order)
    and v.verdict = 'in'
