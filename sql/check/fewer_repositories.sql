-- Did the scan store far fewer repositories than the published one?
-- $scan text: the scan to check
-- $previous text: the scan published last
-- $largest_drop double: share by which a count may fall
select
    now_.scan_id,
    before.repositories as repositories_before,
    now_.repositories as repositories_now
from scans as now_
cross join scans as before
where now_.scan_id = $scan
    and before.scan_id = $previous
    and now_.repositories < (1 - $largest_drop) * before.repositories
