-- Models of the newest scan: repositories made from no other, with entity and country.
select
    e.*,
    n.entity,
    n.country,
    n.entity_type
from estimates as e
left join entities as n
    on n.scan_id = e.scan_id and n.namespace = lower(split_part(e.repo_id, '/', 1))
where e.scan_id = (select max_by(scan_id, stored) from scan_order)
    and e.relation = 'base'
