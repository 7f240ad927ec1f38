-- Which claims does a repository make, used and set aside?
-- $scan text = latest: the scan to answer from
-- $repository text: the repository, namespace/name
select
    quantity,
    stage,
    subject,
    value,
    text,
    bound,
    method,
    rejected,
    file,
    line,
    quote,
    note
from evidence
where scan_id = $scan and repo_id = $repository
order by quantity, stage, method, file, line, start, subject, value, text, quote, note
