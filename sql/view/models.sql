-- Models of the newest scan: repositories made from no other, with entity and country.
select
    e.*,
    n.entity,
    n.country,
    n.entity_type
from estimates as e
left join (
    select
        scan_id,
        entity_id,
        first(entity order by namespace) as entity,
        first(country order by namespace) as country,
        first(entity_type order by namespace) as entity_type
    from entities
    group by scan_id, entity_id
) as n
    on n.scan_id = e.scan_id and n.entity_id = e.entity_id
where e.scan_id = (select max_by(scan_id, stored) from scan_order)
    and e.relation = 'base'
