-- Counts of every scan ever stored, with its time and versions.
select
    s.as_of,
    s.complete,
    s.code_version,
    s.data_version,
    s.rules_version,
    a.*
from answers as a
inner join scans as s
    on s.scan_id = a.scan_id
