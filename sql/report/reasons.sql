-- How many repositories have no training compute, by reason, in this scan and the one before?
-- $scan text: the scan that is reported
-- $previous text: the scan before, or nothing
select
    skip_reason as reason,
    count(*) filter (where scan_id = $scan) as repositories,
    case when $previous <> '' then count(*) filter (where scan_id = $previous) end
        as repositories_before
from estimates
where scan_id in ($scan, $previous)
    and skip_reason is not null
group by skip_reason
order by repositories desc, reason
