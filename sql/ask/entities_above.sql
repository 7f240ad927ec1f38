-- Which entities have models above a training compute, and how many?
-- $scan text = latest: the scan to answer from
-- $threshold double = 1e23: training compute in FLOP
select
    e.entity_id,
    any_value(n.entity order by n.namespace) as entity,
    any_value(n.country order by n.namespace) as country,
    any_value(n.entity_type order by n.namespace) as entity_type,
    count(distinct e.repo_id) as models,
    max(e.compute_flop) as largest_flop
from estimates as e
left join entities as n
    on n.scan_id = e.scan_id and n.entity_id = e.entity_id
where e.scan_id = $scan
    and e.relation = 'base'
    and e.compute_flop > $threshold
group by e.entity_id
order by models desc, largest_flop desc, e.entity_id
