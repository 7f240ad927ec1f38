-- Is the scan below its completeness gate?
-- $scan text: the scan to check
-- $completeness double: share of shards that must be whole
select
    scan_id,
    shards_present,
    shards_expected,
    shards_present / shards_expected as share
from scans
where scan_id = $scan
    and (not complete or shards_present < $completeness * shards_expected)
