-- Which entities have models above a training compute, and how many?
-- $scan text = latest: the scan to answer from
-- $threshold double = 1e23: training compute in FLOP
select
    e.entity_id,
    arg_max(n.entity, e.compute_flop) as entity,
    arg_max(n.country, e.compute_flop) as country,
    arg_max(n.entity_type, e.compute_flop) as entity_type,
    count(distinct e.repo_id) as models,
    max(e.compute_flop) as largest_flop
from estimates as e
left join entities as n
    on n.scan_id = e.scan_id and n.namespace = lower(split_part(e.repo_id, '/', 1))
where e.scan_id = $scan
    and e.relation = 'base'
    and e.compute_flop > $threshold
group by e.entity_id
order by models desc, largest_flop desc, e.entity_id
